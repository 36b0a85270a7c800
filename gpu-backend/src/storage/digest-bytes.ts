// The SHA-256 of a stream, counted on its way and not kept.

import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { DIGEST_HEAD_BYTES } from "@twinframe/shared/contract";
import { brokenOff, idleProblem, tooLarge } from "./temporary-file.ts";

export interface BytesDigest {
  sha256: string;
  bytes: number;
  /** The first bytes, at most DIGEST_HEAD_BYTES. */
  head: Uint8Array;
}

/** Problems: `video_too_large`, `source_timeout` (no byte for `idleMs`), `source_failed` (broken off). */
export async function digestBytes(
  body: Readable,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
  idleMs: number,
): Promise<BytesDigest> {
  const hash = createHash("sha256");
  let bytes = 0;
  let head = Buffer.alloc(0);
  const watch = setTimeout(() => body.destroy(idleProblem()), idleMs);
  const onAbort = () => body.destroy();
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    for await (const chunk of body as AsyncIterable<Buffer>) {
      watch.refresh();
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      hash.update(chunk);
      if (head.length < DIGEST_HEAD_BYTES)
        head = Buffer.concat([head, chunk.subarray(0, DIGEST_HEAD_BYTES - head.length)]);
    }
    return { sha256: hash.digest("hex"), bytes, head };
  } catch (error) {
    signal?.throwIfAborted();
    throw brokenOff(error);
  } finally {
    clearTimeout(watch);
    signal?.removeEventListener("abort", onAbort);
    body.on("error", () => {}).destroy();
  }
}
