import { createServer } from "node:net";

/** A port of the loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((done) => socket.listen(0, "127.0.0.1", done));
  const address = socket.address();
  await new Promise((done) => socket.close(done));
  return (address as { port: number }).port;
}
