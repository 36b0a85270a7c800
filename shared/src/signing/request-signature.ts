// How edge and backend sign each other's requests: HMAC over method, path with query, body hash and time.
// A request is good for five minutes either way; every signed route is idempotent, so a replay inside that
// window does nothing that the first did not.

import { hmacHex, hmacMatches, sha256Hex } from "./hmac.ts";

export const SIGNATURE_HEADER = "x-twinframe-signature";
export const TIMESTAMP_HEADER = "x-twinframe-timestamp";
export const SIGNATURE_TOLERANCE_S = 300;

export interface SignedRequest {
  method: string;
  /** Path and query string exactly as sent, e.g. `/internal/analyses/chk_1`. */
  path: string;
  /** The body as text; empty when there is none. */
  body: string;
}

async function message(request: SignedRequest, timestampS: string): Promise<string> {
  const { method, path, body } = request;
  return ["twinframe-request-v1", method.toUpperCase(), path, await sha256Hex(body), timestampS].join("\n");
}

/** The two headers that authenticate a request. */
export async function signRequest(
  secret: string,
  request: SignedRequest,
  nowMs: number = Date.now(),
): Promise<Record<string, string>> {
  const timestampS = String(Math.floor(nowMs / 1000));
  const signature = await hmacHex(secret, await message(request, timestampS));
  return { [TIMESTAMP_HEADER]: timestampS, [SIGNATURE_HEADER]: `v1=${signature}` };
}

/** Whether the two headers fit the request and the time. Never throws on what a stranger can send. */
export async function verifyRequest(
  secret: string,
  request: SignedRequest,
  headers: { timestamp: string | null | undefined; signature: string | null | undefined },
  nowMs: number = Date.now(),
): Promise<boolean> {
  const { timestamp, signature } = headers;
  if (!timestamp || !/^\d{1,12}$/.test(timestamp) || !signature?.startsWith("v1=")) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > SIGNATURE_TOLERANCE_S) return false;
  return hmacMatches(secret, await message(request, timestamp), signature.slice(3));
}
