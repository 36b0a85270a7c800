// Short-lived links: the edge hands the backend a URL from which it may read one object for a while.

import { hmacHex, hmacMatches } from "./hmac.ts";

function message(path: string, expiresS: string): string {
  return ["twinframe-url-v1", path, expiresS].join("\n");
}

/** `url` with `expires` and `signature` added to its query; only its path is bound, not its origin. */
export async function signUrl(secret: string, url: URL, expiresS: number): Promise<URL> {
  const signed = new URL(url);
  const expires = String(Math.floor(expiresS));
  signed.searchParams.set("expires", expires);
  signed.searchParams.set("signature", await hmacHex(secret, message(url.pathname, expires)));
  return signed;
}

/** Whether a link made by {@link signUrl} with one of the secrets is genuine and not yet over. */
export async function verifyUrl(
  secrets: readonly string[],
  url: URL,
  nowMs: number = Date.now(),
): Promise<boolean> {
  const expires = url.searchParams.get("expires");
  const signature = url.searchParams.get("signature");
  if (expires === null || signature === null || !/^\d{1,12}$/.test(expires)) return false;
  if (Number(expires) * 1000 < nowMs) return false;
  for (const secret of secrets)
    if (await hmacMatches(secret, message(url.pathname, expires), signature)) return true;
  return false;
}
