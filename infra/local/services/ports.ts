import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import getPort from "get-port";

export class PortUnavailable extends Error {
  readonly port: number;
  readonly code: string;
  constructor(port: number, code: string) {
    super(`Port ${port} cannot be used on 127.0.0.1 (${code}).`);
    this.port = port;
    this.code = code;
  }
}

// Below the range from which systems lend ports to outgoing connections: what is free now stays free until the
// service has it. Chosen by chance, so that another process that chooses at the same time gets another one;
// get-port never gives the same one twice to one process.
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 200;

/** The port asked for, if it is free; any free one of 127.0.0.1 when none (or 0) is asked for. */
export async function choosePort(asked?: number): Promise<number> {
  if (asked) {
    await tryPort(asked);
    return asked;
  }
  const port = Array.from({ length: TRIES }, () => randomInt(LOWEST, HIGHEST));
  return getPort({ host: "127.0.0.1", exclusive: true, port });
}

/** get-port would give another one in its place, and would not say why. */
function tryPort(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      failed(new PortUnavailable(port, error.code ?? "?")),
    );
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => done()));
  });
}
