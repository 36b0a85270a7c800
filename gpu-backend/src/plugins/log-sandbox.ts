// What stands around ffmpeg, said once at the start: loudly where it is less than it could be.

import type { FastifyBaseLogger } from "fastify";
import type { Sandbox } from "../media/index.ts";

export function logSandbox(log: FastifyBaseLogger, { level, name, reason }: Sandbox): void {
  if (reason === null) log.info({ sandbox: level }, `ffmpeg runs in ${name}`);
  else
    log.warn(
      { sandbox: level, reason },
      `ffmpeg runs without a box, under ${name}: do not give it videos from strangers`,
    );
}
