// The SHA-256 of a body that comes for the second time: it is read to its end, since whoever sends a large video hears
// no answer before that, and thrown away.

import { toHex } from "@twinframe/shared/signing";
import { ByteSource } from "../ingest/byte-source.ts";
import { openUpload } from "../ingest/video-origin.ts";
import type { Configuration } from "../platform/configuration.ts";

/** Null when it is longer than any that is kept an answer of. Problems: `upload_timeout`, `truncated_video`. */
export async function bodyHash(
  body: ReadableStream<Uint8Array> | null,
  intake: Configuration["intake"],
): Promise<string | null> {
  const upload = openUpload({ kind: "upload", body, declaredBytes: null });
  const source = new ByteSource(upload, intake, undefined, Date.now() + intake.timeoutMs);
  const digest = new crypto.DigestStream("SHA-256");
  digest.digest.catch(() => {});
  const hash = digest.getWriter();
  try {
    let bytes = 0;
    for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
      bytes += chunk.byteLength;
      if (bytes > intake.maxBytes) {
        await source.close("longer than allowed");
        return null;
      }
      await hash.write(chunk);
    }
    await hash.close();
    return toHex(await digest.digest);
  } catch (error) {
    hash.abort(error).catch(() => {});
    await source.close(error);
    throw error;
  }
}
