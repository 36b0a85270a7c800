// Serves clips by URL, each request's query a video of its own: the clip with another `free` box behind it, which
// every player skips and every hash sees.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface ClipServer {
  /** host:port, as INTAKE_ALLOWED_HOSTS wants it. */
  host: string;
  /** Of the clip, told apart from others by `mark`. */
  urlOf(clip: number, mark: string): string;
  close(): void;
}

function marked(clip: Uint8Array, mark: string): Uint8Array<ArrayBuffer> {
  const box = Buffer.concat([Buffer.alloc(4), Buffer.from(`free${mark}`)]);
  box.writeUInt32BE(box.byteLength);
  return Uint8Array.from(Buffer.concat([clip, box]));
}

export async function serveClips(clips: readonly Uint8Array[]): Promise<ClipServer> {
  const server = createServer((request, response) => {
    const [, number = "", mark = ""] = /^\/(\d+)\.mp4\?(\w+)$/.exec(request.url ?? "") ?? [];
    const clip = clips[Number(number)];
    if (clip === undefined || number === "") return response.writeHead(404).end();
    const body = marked(clip, mark);
    response.writeHead(200, { "content-type": "video/mp4", "content-length": body.byteLength }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, urlOf: (clip, mark) => `http://${host}/${clip}.mp4?${mark}`, close: () => server.close() };
}
