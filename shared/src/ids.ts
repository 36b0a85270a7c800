// Identifiers that sort by the time they were made (the ULID layout: 48 bits of milliseconds, 80 random
// bits, Crockford base 32), with a prefix that says what they name.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Checks, references, analyses, requests; API keys, webhook endpoints, events, deliveries; uploads, imports;
 * maintenance jobs and snapshots.
 */
export type IdPrefix =
  | ("chk" | "ref" | "job" | "req" | "key" | "whk" | "evt" | "dlv" | "upl" | "imp")
  | ("mnt" | "snp");

/** A new id such as `chk_01k9…`: prefix, underscore, 26 characters. */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  let time = "";
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  return `${prefix}_${time}${randomText(16)}`;
}

/** Five random bits a character. */
export function randomText(length: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) text += ALPHABET[byte % 32];
  return text;
}
