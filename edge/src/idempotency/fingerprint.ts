// What tells one request from another that comes with the same Idempotency-Key.

import { sha256Hex, toHex } from "@twinframe/shared/signing";
import type { Configuration } from "../env.ts";
import { peekBody } from "./peek-body.ts";

/** A video may have gigabytes: its beginning and its length must do. Anything else is hashed as a whole. */
const VIDEO_HEAD_BYTES = 64 * 1024;
const HEAD_BYTES = 8 * 1024 * 1024;

export async function fingerprint(
  request: Request,
  caller: { operator: boolean },
  intake: Configuration["intake"],
): Promise<{ fingerprint: string; request: Request }> {
  const { headers, method } = request;
  const { pathname, search } = new URL(request.url);
  const type = (headers.get("content-type") ?? "").trim().toLowerCase();
  const isVideo = type.startsWith("video/") || type.startsWith("application/octet-stream");
  const peeked = await peekBody(request, isVideo ? VIDEO_HEAD_BYTES : HEAD_BYTES, intake);
  const hash = toHex(await crypto.subtle.digest("SHA-256", peeked.head));
  const rest = peeked.whole ? null : (headers.get("content-length") ?? "unknown");
  // The operator's answers hold what no key of its tenant may see.
  const told = [method, pathname, search, type, hash, rest, caller.operator];
  return { fingerprint: await sha256Hex(JSON.stringify(told)), request: peeked.request };
}
