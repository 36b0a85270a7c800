// Signatures as Standard Webhooks has them: HMAC-SHA256 over `id.timestamp.body`, one for each live secret.

import { fromBase64, toBase64 } from "../platform/base64.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;
const encoder = new TextEncoder();

export const newSecret = () => PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));

async function signature(secret: string, content: string): Promise<string> {
  const how = { name: "HMAC", hash: "SHA-256" };
  const bytes = fromBase64(secret.slice(PREFIX.length));
  const key = await crypto.subtle.importKey("raw", bytes, how, false, ["sign"]);
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(content))))}`;
}

export interface Message {
  eventId: string;
  body: string;
}

/** `nowMs`: of the attempt, which receivers hold against their own clock. */
export async function signedHeaders(
  { eventId, body }: Message,
  secrets: readonly string[],
  nowMs: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const content = `${eventId}.${timestamp}.${body}`;
  const signatures = await Promise.all(secrets.map((secret) => signature(secret, content)));
  return {
    "webhook-id": eventId,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
