// The beginning of a request's body, read before the route reads it all.

import { uploadBroken, uploadTimeout } from "../ingest/video-origin.ts";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";

export interface Peeked {
  /** At most as many bytes as asked for. */
  head: Uint8Array<ArrayBuffer>;
  /** Whether that is the whole body. */
  whole: boolean;
  /** The request once more, with its whole body. */
  request: Request;
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** `start` and then what is left of `rest`, as a byte stream of the runtime's own. */
function followedBy(start: Uint8Array, rest: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  const pump = async () => {
    const writer = writable.getWriter();
    await writer.write(start);
    writer.releaseLock();
    await rest.pipeTo(writable);
  };
  // A sender that breaks off breaks the stream for its reader, who says so.
  pump().catch((error) => rest.cancel(error).catch(() => {}));
  return readable;
}

export async function peekBody(
  request: Request,
  maxBytes: number,
  { idleTimeoutMs, timeoutMs }: Configuration["intake"],
): Promise<Peeked> {
  const { body } = request;
  if (body === null) return { head: new Uint8Array(0), whole: true, request };
  const deadlineMs = Date.now() + timeoutMs;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let whole = false;
  while (bytes < maxBytes && !whole) {
    const read = reader.read().catch((error) => Promise.reject(uploadBroken(error)));
    const ms = Math.min(idleTimeoutMs, deadlineMs - Date.now());
    const { value, done } = await within(read, { ms, expired: uploadTimeout });
    whole = done;
    if (value !== undefined) chunks.push(value);
    bytes += value?.byteLength ?? 0;
  }
  reader.releaseLock();
  const start = joined(chunks, bytes);
  const again = whole ? start : followedBy(start, body);
  const { url, method, headers, signal } = request;
  return {
    head: start.subarray(0, maxBytes),
    whole: whole && bytes <= maxBytes,
    request: new Request(url, { method, headers, signal, body: again }),
  };
}
