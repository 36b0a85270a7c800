// What is told: events with ids that follow from what happened, so that none is ever told twice.

import type { Check, SentWebhookEvent, WebhookData } from "@twinframe/shared/contract";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const encoder = new TextEncoder();

/** Larger bodies are refused by many receivers. */
export const MAX_BODY_BYTES = 256 * 1024;

/** One for each job and type, and so the same from every runner of the job. */
export async function eventIdOf(type: SentWebhookEvent, jobId: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${type} ${jobId}`)));
  return `evt_${Array.from(digest.subarray(0, 26), (byte) => ALPHABET[byte % 32]).join("")}`;
}

export const bodyOf = <Type extends SentWebhookEvent>(
  type: Type,
  timestamp: string,
  data: WebhookData[Type],
): string => JSON.stringify({ type, timestamp, data });

const fits = (body: string) =>
  body.length * 3 <= MAX_BODY_BYTES || encoder.encode(body).length <= MAX_BODY_BYTES;

/** A completed check without its explanation, and without its weakest matches where it would be too large. */
export function completedBody(timestamp: string, check: Check): string {
  const { explanation: _, matches = [], ...rest } = check;
  const bodyWith = (kept: number) =>
    bodyOf("check.completed", timestamp, {
      ...rest,
      matches: matches.slice(0, kept),
      ...(kept < matches.length ? { matches_left_out: matches.length - kept } : {}),
    });
  let kept = matches.length;
  let body = bodyWith(kept);
  while (kept > 0 && !fits(body)) {
    kept = Math.min(kept - 1, Math.floor((kept * 3) / 4));
    body = bodyWith(kept);
  }
  return body;
}
