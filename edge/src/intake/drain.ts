// A sender that is still sending when it is refused may lose the answer: its connection is reset under it. So a
// short rest of an upload is read and thrown away first; a long one is not worth its bytes.

import { within } from "../deadline.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_MS = 2_000;
const IDLE_MS = 500;

interface Reader {
  read(): Promise<{ value?: Uint8Array | undefined; done: boolean }>;
  cancel(reason: unknown): Promise<void>;
}

/** Reads on until the end or a limit, then lets go. Never throws. */
export async function drain(reader: Reader, reason: unknown): Promise<void> {
  const deadlineMs = Date.now() + MAX_MS;
  const expired = () => new Error("drained long enough");
  try {
    for (let bytes = 0; bytes < MAX_BYTES && Date.now() < deadlineMs; ) {
      const { value, done } = await within(reader.read(), { ms: IDLE_MS, expired });
      if (done) return;
      bytes += value?.byteLength ?? 0;
    }
  } catch {
    // The sender has gone or is silent: nobody is left to lose an answer.
  }
  reader.cancel(reason).catch(() => {});
}

/** The same for a body that nobody has read from. */
export async function drainBody(body: ReadableStream<Uint8Array> | null, reason: unknown): Promise<void> {
  if (body === null || body.locked) return;
  await drain(body.getReader(), reason);
}
