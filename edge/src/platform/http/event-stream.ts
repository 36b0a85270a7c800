// Server-sent events (WHATWG HTML, 9.2).

import { logFailure } from "../telemetry/log.ts";

export interface ServerSentEvent {
  id: number;
  event: string;
  data: unknown;
}

/** Intermediaries take a silent connection for a dead one. */
const HEARTBEAT_MS = 10_000;
/** A client connects again after this, and says what it has heard. */
export const LONGEST_STREAM_MS = 10 * 60_000;
const RETRY_MS = 1000;

type Run = (emit: (event: ServerSentEvent) => void, signal: AbortSignal) => Promise<void>;

/** A response that lasts as long as `run`, at most its life; the signal tells that nobody listens any more. */
export function eventStream(
  run: Run,
  { heartbeatMs, lifeMs } = { heartbeatMs: HEARTBEAT_MS, lifeMs: LONGEST_STREAM_MS },
): Response {
  const over = new AbortController();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const write = (text: string) => {
    writer.write(encoder.encode(`${text}\n\n`)).catch(() => over.abort());
  };
  const heartbeat = setInterval(() => write(": still here"), heartbeatMs);
  const life = setTimeout(() => over.abort(), lifeMs);
  write(`retry: ${RETRY_MS}`);
  // JSON has no line breaks of its own, so one data line is enough.
  run(
    ({ id, event, data }) => write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}`),
    over.signal,
  )
    .catch((error) => logFailure("event stream failed", {}, error))
    .finally(() => {
      clearInterval(heartbeat);
      clearTimeout(life);
      writer.close().catch(() => {});
    });
  return new Response(readable, { headers: { "content-type": "text/event-stream" } });
}
