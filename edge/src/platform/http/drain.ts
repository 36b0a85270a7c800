// A sender that is still sending when it is refused may lose the answer: its connection is reset under it. So a
// short rest of an upload is read and thrown away first; a long one is not worth its bytes.

import { within } from "../deadline.ts";

export interface DrainBounds {
  maxBytes: number;
  timeoutMs: number;
  idleTimeoutMs: number;
}

const SHORT: DrainBounds = { maxBytes: 8 * 1024 * 1024, timeoutMs: 2_000, idleTimeoutMs: 500 };

interface Reader {
  read(): Promise<{ value?: Uint8Array | undefined; done: boolean }>;
  cancel(reason: unknown): Promise<void>;
}

/** Reads on until the end or a limit, then lets go. Never throws. */
export async function drain(reader: Reader, reason: unknown, bounds = SHORT): Promise<void> {
  const { maxBytes, timeoutMs, idleTimeoutMs } = bounds;
  const deadlineMs = Date.now() + timeoutMs;
  const expired = () => new Error("drained long enough");
  try {
    for (let bytes = 0; bytes < maxBytes && Date.now() < deadlineMs; ) {
      const { value, done } = await within(reader.read(), { ms: idleTimeoutMs, expired });
      if (done) return;
      bytes += value?.byteLength ?? 0;
    }
  } catch {
    // The sender has gone or is silent: nobody is left to lose an answer.
  }
  reader.cancel(reason).catch(() => {});
}

/** The same for a body that nobody has read from. */
export async function drainBody(
  body: ReadableStream<Uint8Array> | null,
  reason: unknown,
  bounds = SHORT,
): Promise<void> {
  if (body === null || body.locked) return;
  await drain(body.getReader(), reason, bounds);
}
