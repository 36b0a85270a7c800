// When a delivery is tried again, and when not any more.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Before each attempt, from the end of the one before: a delivery is given up after three days and a bit. */
export const DELAYS_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
const JITTER = 0.2;
const MAX_RETRY_AFTER_MS = 24 * HOUR;
/** What a queue can hold back at most. */
const MAX_QUEUE_DELAY_S = 12 * 3600;
/** With these a receiver that is busy may say until when. */
const BUSY = [429, 502, 503, 504];

/** Between 0.8 and 1.2, different for every delivery and attempt, and always the same for one. */
export function jitterOf(deliveryId: string, tries: number): number {
  let hash = 2166136261;
  for (const char of `${deliveryId}/${tries}`) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  // The last characters alone would hardly reach the upper bits.
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return 1 - JITTER + 2 * JITTER * (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32);
}

/** The header's seconds or date as milliseconds from now; 0 when it says nothing of use. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? "";
  const ms = /^\d{1,10}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

export interface FailedTry {
  deliveryId: string;
  /** How many have been made, this one included. */
  tries: number;
  status: number | null;
  retryAfter: string | null;
}

/** When to try again after a failure; null after the last attempt. A test is tried once. */
export function nextAttemptMs(
  { deliveryId, tries, status, retryAfter }: FailedTry,
  isTest: boolean,
  nowMs: number,
): number | null {
  const delayMs = isTest ? undefined : DELAYS_MS[tries];
  if (delayMs === undefined) return null;
  const asked = status !== null && BUSY.includes(status) ? retryAfterMs(retryAfter, nowMs) : 0;
  return nowMs + Math.max(Math.round(delayMs * jitterOf(deliveryId, tries)), asked);
}

/** For the queue's message about an attempt that is due at `dueMs`; one that is too far off is sent on again. */
export const queueDelayS = (dueMs: number, nowMs: number) =>
  Math.min(MAX_QUEUE_DELAY_S, Math.max(0, Math.ceil((dueMs - nowMs) / SECOND)));
