// What tells one request from another that comes with the same Idempotency-Key: all of it, and the SHA-256 of its
// body. A video's is known only once all of it has come; intake computes it on the way, and no byte is read twice.

import { IMPORT_MAX_BYTES } from "@twinframe/shared/contract";
import { sha256Hex, toHex } from "@twinframe/shared/signing";
import type { Configuration } from "../platform/configuration.ts";
import { peekBody } from "./peek-body.ts";

/** One more than the largest body that is no video: every route refuses one of so many. */
const WHOLE_MAX_BYTES = IMPORT_MAX_BYTES + 1;

export interface Told {
  fingerprint: string;
  /** The fingerprint says nothing of the body, whose hash is told when it has come. */
  bodyFollows: boolean;
  /** The request once more, with its whole body. */
  request: Request;
}

export async function fingerprint(
  request: Request,
  caller: { operator: boolean },
  intake: Configuration["intake"],
): Promise<Told> {
  const { headers, method } = request;
  const { pathname, search } = new URL(request.url);
  const type = (headers.get("content-type") ?? "").trim().toLowerCase();
  // The operator's answers hold what no key of its tenant may see.
  const tell = (body: string) =>
    sha256Hex(JSON.stringify([method, pathname, search, type, body, null, caller.operator]));
  if (type.startsWith("video/") || type.startsWith("application/octet-stream"))
    return { fingerprint: await tell("follows"), bodyFollows: true, request };
  const { head, whole, request: again } = await peekBody(request, WHOLE_MAX_BYTES, intake);
  if (!whole) return { fingerprint: await tell("follows"), bodyFollows: true, request: again };
  const hash = toHex(await crypto.subtle.digest("SHA-256", head));
  return { fingerprint: await tell(hash), bodyFollows: false, request: again };
}
