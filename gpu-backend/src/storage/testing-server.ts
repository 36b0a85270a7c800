// A real HTTP server on loopback for the stores' tests; answers as each test says and keeps what was asked.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestingServer extends AsyncDisposable {
  origin: string;
  requests: { method: string; url: string; headers: IncomingMessage["headers"] }[];
}

export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestingServer> {
  const requests: TestingServer["requests"] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
