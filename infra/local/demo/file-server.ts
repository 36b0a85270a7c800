// Serves the demo's videos over HTTP, so that the edge has something to fetch by URL.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FileServer {
  /** host:port, as INTAKE_ALLOWED_HOSTS wants it. */
  host: string;
  urlOf(file: string): string;
  close(): void;
}

/** Only files that urlOf was asked for can be fetched. */
export async function serveFiles(): Promise<FileServer> {
  const files = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const file = files.get(request.url ?? "");
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": "video/mp4", "content-length": (await stat(file)).size });
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    urlOf: (file) => {
      const path = `/${files.size}/${encodeURIComponent(file.split("/").at(-1) ?? "video")}`;
      files.set(path, file);
      return `http://${host}${path}`;
    },
    close: () => server.close(),
  };
}
