// What we must be able to read again but nobody else: sealed with AES-GCM under a key of the operator's. What is
// sealed names its key, so that a key can be replaced: all is opened by either, and sealed anew under the new one.

import { sha256Hex } from "@twinframe/shared/signing";
import { fromBase64, toBase64 } from "../platform/base64.ts";
import type { Configuration } from "../platform/configuration.ts";
import { sealingKey } from "../platform/sealing-key.ts";

const IV_BYTES = 12;
const encoder = new TextEncoder();
const keys = new Map<string, Promise<CryptoKey>>();

function keyOf(secretKey: string): Promise<CryptoKey> {
  let key = keys.get(secretKey);
  if (key === undefined) {
    key = sealingKey(secretKey, "twinframe webhooks");
    keys.set(secretKey, key);
  }
  return key;
}

/** 32 bits of a hash tell two keys apart, and say nothing of them. */
const nameOf = async (secretKey: string) => (await sha256Hex(`twinframe key name\0${secretKey}`)).slice(0, 8);

/** What is sealed under the current key begins with this. */
export const sealPrefix = async ({ webhooks }: Configuration): Promise<string> =>
  `2.${await nameOf(webhooks.secretKeys[0])}.`;

/** `owner` says whose it is: what was sealed for one opens for no other. */
export async function seal(config: Configuration, owner: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(owner) };
  const key = await keyOf(config.webhooks.secretKeys[0]);
  const sealed = await crypto.subtle.encrypt(how, key, encoder.encode(text));
  return `${await sealPrefix(config)}${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}`;
}

/** Null when the operator's keys are others now. The first version, `1.iv.text`, names no key. */
export async function unseal(config: Configuration, owner: string, sealed: string): Promise<string | null> {
  const [iv = "", text = ""] = sealed.split(".").slice(-2);
  try {
    const how = { name: "AES-GCM", iv: fromBase64(iv), additionalData: encoder.encode(owner) };
    const bytes = fromBase64(text);
    const tries = config.webhooks.secretKeys.map(async (key) =>
      crypto.subtle.decrypt(how, await keyOf(key), bytes),
    );
    return new TextDecoder().decode(await Promise.any(tries));
  } catch {
    return null;
  }
}
