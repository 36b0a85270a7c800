// Addresses that videos are fetched from, good and bad ones: a real HTTP server on the loopback.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Upstream {
  /** host:port, as INTAKE_ALLOWED_HOSTS wants it. */
  host: string;
  close(): void;
}

/** Sends the first part of what it promises. */
function beginBody(response: ServerResponse): void {
  const start = Buffer.alloc(4096);
  start.write("ftypisom", 4, "latin1");
  response.writeHead(200, { "content-type": "video/mp4", "content-length": 100_000 }).write(start);
}

async function sendFile(file: string, chunked: boolean, response: ServerResponse): Promise<void> {
  const length = chunked ? {} : { "content-length": (await stat(file)).size };
  response.writeHead(200, { "content-type": "video/mp4", ...length });
  createReadStream(file)
    .on("error", () => response.destroy())
    .pipe(response);
}

async function answer(url: URL, response: ServerResponse, seen: readonly string[]): Promise<unknown> {
  const [, kind, what = ""] = url.pathname.split("/");
  switch (kind) {
    case "file":
      return sendFile(Buffer.from(what, "base64url").toString(), url.searchParams.has("chunked"), response);
    case "empty":
      return response.writeHead(200, { "content-type": "video/mp4" }).end();
    case "status":
      return response.writeHead(Number(what)).end("words of the upstream");
    case "hang":
      return undefined;
    case "stall":
      return beginBody(response);
    case "reset":
      beginBody(response);
      return setTimeout(() => response.socket?.resetAndDestroy(), 20);
    case "short":
      beginBody(response);
      return setTimeout(() => response.socket?.end(), 20);
    case "redirects": {
      const target = url.searchParams.get("to")!;
      const left = Number(what) - 1;
      const location = left === 0 ? target : `/redirects/${left}?to=${encodeURIComponent(target)}`;
      return response.writeHead(302, { location }).end();
    }
    case "seen":
      return response.end(JSON.stringify(seen));
    default:
      return response.writeHead(404).end();
  }
}

export async function startUpstream(): Promise<Upstream> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url!);
    answer(new URL(request.url!, "http://upstream"), response, seen).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
