// Server-sent events (WHATWG HTML, 9.2), framed by Hono.

import { SSEStreamingApi } from "hono/streaming";
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
  const stream = new SSEStreamingApi(writable, readable);
  stream.onAbort(() => over.abort());
  // `writeSSE` waits before it writes: one after the other, and none after the end.
  let written: Promise<unknown> = stream.write(`retry: ${RETRY_MS}\n\n`);
  const send = (write: () => Promise<unknown>) => {
    written = written.then(write);
  };
  const emit = ({ id, event, data }: ServerSentEvent) =>
    send(() => stream.writeSSE({ id: String(id), event, data: JSON.stringify(data) }));
  const heartbeat = setInterval(() => send(() => stream.write(": still here\n\n")), heartbeatMs);
  const life = setTimeout(() => over.abort(), lifeMs);
  run(emit, over.signal)
    .catch((error) => logFailure("event stream failed", {}, error))
    .finally(() => {
      clearInterval(heartbeat);
      clearTimeout(life);
      send(() => stream.close());
    });
  return new Response(stream.responseReadable, { headers: { "content-type": "text/event-stream" } });
}
