// How the edge signs its requests to the backend: HMAC-SHA256 over method, target, the hash of the body, time and a
// nonce. All of that is in headers, so that a signature is judged before a byte of the body is read; whoever verifies
// then holds the body against its hash, and remembers the nonces of requests that change something.

import { hmacHex, hmacMatches, sha256Hex } from "./hmac.ts";

export const SIGNATURE_HEADER = "x-twinframe-signature";
export const TIMESTAMP_HEADER = "x-twinframe-timestamp";
export const NONCE_HEADER = "x-twinframe-nonce";
export const CONTENT_HEADER = "x-twinframe-content-sha256";
/** A signature holds for so long before and after its time. */
export const SIGNATURE_TOLERANCE_S = 300;
export const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export interface RequestToSign {
  method: string;
  /** Path and query string exactly as sent, e.g. `/internal/analyses/chk_1`. */
  path: string;
  /** The body as text; empty when there is none. */
  body: string;
}

/** What a genuine signature says besides method and path. */
export interface Signed {
  timestampS: number;
  /** 128 bits, of this one request. */
  nonce: string;
  /** In hex, of the body's bytes. */
  contentSha256: string;
}

const message = (method: string, path: string, { timestampS, nonce, contentSha256 }: Signed): string =>
  ["twinframe-request-v2", method.toUpperCase(), path, contentSha256, timestampS, nonce].join("\n");

function newNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The headers that authenticate one request; sent again it needs new ones. */
export async function signRequest(
  secret: string,
  { method, path, body }: RequestToSign,
  nowMs: number = Date.now(),
): Promise<Record<string, string>> {
  const contentSha256 = body === "" ? EMPTY_SHA256 : await sha256Hex(body);
  const signed = { timestampS: Math.floor(nowMs / 1000), nonce: newNonce(), contentSha256 };
  return {
    [TIMESTAMP_HEADER]: String(signed.timestampS),
    [NONCE_HEADER]: signed.nonce,
    [CONTENT_HEADER]: contentSha256,
    [SIGNATURE_HEADER]: `v2=${await hmacHex(secret, message(method, path, signed))}`,
  };
}

const FORMATS: Record<string, RegExp> = {
  [TIMESTAMP_HEADER]: /^\d{1,12}$/,
  [NONCE_HEADER]: /^[\w-]{22}$/,
  [CONTENT_HEADER]: /^[0-9a-f]{64}$/,
  [SIGNATURE_HEADER]: /^v2=[0-9a-f]{64}$/,
};

/**
 * What the headers say, if one of the secrets made them for this method and path, not longer ago (or ahead) than the
 * tolerance; else null. Never throws on what a stranger can send. The body is still to be held against its hash.
 */
export async function verifyRequest(
  secrets: readonly string[],
  { method, path }: Omit<RequestToSign, "body">,
  header: (name: string) => string | undefined,
  nowMs: number = Date.now(),
): Promise<Signed | null> {
  for (const [name, format] of Object.entries(FORMATS)) if (!format.test(header(name) ?? "")) return null;
  const signed: Signed = {
    timestampS: Number(header(TIMESTAMP_HEADER)),
    nonce: header(NONCE_HEADER)!,
    contentSha256: header(CONTENT_HEADER)!,
  };
  if (Math.abs(nowMs / 1000 - signed.timestampS) > SIGNATURE_TOLERANCE_S) return null;
  const signatureHex = header(SIGNATURE_HEADER)!.slice("v2=".length);
  for (const secret of secrets)
    if (await hmacMatches(secret, message(method, path, signed), signatureHex)) return signed;
  return null;
}
