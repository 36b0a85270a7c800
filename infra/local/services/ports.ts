import { randomInt } from "node:crypto";
import { createServer } from "node:net";

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
// service has it, unless another start picks the very same number in between.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** The port asked for, if it is free; any free one when none (or 0) is asked for. */
export async function choosePort(asked: number | undefined): Promise<number> {
  if (asked) {
    await tryPort(asked);
    return asked;
  }
  for (let attempts = 0; attempts < 200; attempts++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (
      await tryPort(port).then(
        () => true,
        () => false,
      )
    )
      return port;
  }
  throw new Error(`No free port was found between ${LOWEST} and ${HIGHEST}.`);
}

function tryPort(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      failed(new PortUnavailable(port, error.code ?? "?")),
    );
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => done()));
  });
}
