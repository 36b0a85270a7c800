// Answers at rest are encrypted: some hold secrets that are shown once. The Idempotency-Key, of which the database
// has only a hash, is part of what opens them; the Worker's signing secret is the other.

import { sealingKey } from "../platform/sealing-key.ts";

const IV_BYTES = 12;
const encoder = new TextEncoder();

export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
}

const keyOf = (secret: string, tenant: string, idempotencyKey: string) =>
  sealingKey(secret, `idempotent answer\0${tenant}\0${idempotencyKey}`);

export async function seal(
  secret: string,
  tenant: string,
  idempotencyKey: string,
  { status, headers, body }: StoredAnswer,
): Promise<ArrayBuffer> {
  const head = encoder.encode(`${JSON.stringify({ status, headers })}\n`);
  const plain = new Uint8Array(head.byteLength + body.byteLength);
  plain.set(head);
  plain.set(body, head.byteLength);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const key = await keyOf(secret, tenant, idempotencyKey);
  const coded = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  const sealed = new Uint8Array(IV_BYTES + coded.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(coded), IV_BYTES);
  return sealed.buffer;
}

/** Throws when it was not sealed with these, and one of the secrets. */
export async function unseal(
  secrets: readonly string[],
  tenant: string,
  idempotencyKey: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<StoredAnswer> {
  const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, IV_BYTES) };
  const opened = secrets.map(async (secret) =>
    crypto.subtle.decrypt(algorithm, await keyOf(secret, tenant, idempotencyKey), sealed.subarray(IV_BYTES)),
  );
  const plain = new Uint8Array(await Promise.any(opened));
  const end = plain.indexOf(0x0a);
  const head = JSON.parse(new TextDecoder().decode(plain.subarray(0, end)));
  return { ...head, body: plain.slice(end + 1) };
}
