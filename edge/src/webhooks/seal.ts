// What we must be able to read again but nobody else: sealed with AES-GCM under a key of the operator's.

import { fromBase64, toBase64 } from "../base64.ts";
import type { Configuration } from "../env.ts";
import { sealingKey } from "../sealing-key.ts";

const VERSION = "1.";
const IV_BYTES = 12;
const encoder = new TextEncoder();
const keys = new Map<string, Promise<CryptoKey>>();

function keyOf({ webhooks: { secretKey } }: Configuration): Promise<CryptoKey> {
  let key = keys.get(secretKey);
  if (key === undefined) {
    key = sealingKey(secretKey, "twinframe webhooks");
    keys.set(secretKey, key);
  }
  return key;
}

/** `owner` says whose it is: what was sealed for one opens for no other. */
export async function seal(config: Configuration, owner: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(owner) };
  const sealed = await crypto.subtle.encrypt(how, await keyOf(config), encoder.encode(text));
  return `${VERSION}${toBase64(iv)}.${toBase64(new Uint8Array(sealed))}`;
}

/** Null when the operator's key is another now. */
export async function unseal(config: Configuration, owner: string, sealed: string): Promise<string | null> {
  const [, iv = "", text = ""] = sealed.split(".");
  try {
    const how = { name: "AES-GCM", iv: fromBase64(iv), additionalData: encoder.encode(owner) };
    const opened = await crypto.subtle.decrypt(how, await keyOf(config), fromBase64(text));
    return new TextDecoder().decode(opened);
  } catch {
    return null;
  }
}
