// API keys: `tf_{id}_{secret}`. The id says which key it is and may be shown; the secret is known to its holder
// only, and what is kept of the whole is its SHA-256.

import { newId, randomText } from "./ids.ts";
import { sha256Hex } from "./signing/hmac.ts";

/** 200 random bits. */
const SECRET_LENGTH = 40;
const FORM = /^tf_([0-9a-z]{26})_[0-9a-z]{40}$/;

export interface IssuedKey {
  /** As the API names it: `key_…`. */
  id: string;
  /** To be shown once. */
  key: string;
  hash: string;
}

/** A new key, or a new secret of the key that `id` names. */
export async function issueApiKey(id: string = newId("key")): Promise<IssuedKey> {
  const key = `tf_${id.slice("key_".length)}_${randomText(SECRET_LENGTH)}`;
  return { id, key, hash: await sha256Hex(key) };
}

/** The id that a key names; null for one of another form. */
export function idOfApiKey(key: string): string | null {
  const id = FORM.exec(key)?.[1];
  return id === undefined ? null : `key_${id}`;
}
