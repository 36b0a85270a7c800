// One event in the log for each analysis, question and maintenance job, at its end. Nothing of the request but
// the words that its record has: sources are signed links.

import { PROBLEMS, toProblem } from "@twinframe/shared/problem";
import type { FastifyBaseLogger } from "fastify";
import type { OnWorkEnded } from "../work/watch.ts";
import { stageTimes } from "../work/work-record.ts";

const rounded = (ms: number) => Math.round(ms * 10) / 10;

export const workLog =
  (log: FastifyBaseLogger): OnWorkEnded =>
  ({ operation, id, kind, request, startMs, admittedMs, endMs, stages, bytes, outcome, foundBy, code }) => {
    const event = {
      op: operation,
      id,
      kind,
      outcome,
      ...(operation === "analysis" ? { found_by: foundBy } : {}),
      ...(code === null ? {} : { code }),
      ms: rounded(endMs - startMs),
      wait_ms: rounded((admittedMs ?? endMs) - startMs),
      stages_ms: stageTimes(stages),
      bytes,
      ...(request ? { request_id: request.requestId, trace_id: request.trace?.traceId } : {}),
    };
    const failed = code !== null && PROBLEMS[code].status >= 500;
    log[failed ? "warn" : "info"](event, `${operation} ended`);
  };

/** Beside the event, the error of a failure that is ours: with its stack and causes. */
export function logReason(log: FastifyBaseLogger, id: string, error: unknown): void {
  if (PROBLEMS[toProblem(error).code].status >= 500) log.warn({ id, err: error }, "why it failed");
}
