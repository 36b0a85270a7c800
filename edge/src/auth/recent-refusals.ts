// A key that was just told to come back later is told so again without a look at the database or the quota object: a
// flood of refused requests costs no more than its own bytes. Each isolate remembers by itself, for a second.

import { ProblemError } from "@twinframe/shared/problem";
import { RecentValues } from "./recent-values.ts";

const REMEMBERED_MS = 1000;
const MOST_REMEMBERED = 10_000;

interface Refusal {
  problem: ProblemError;
  atMs: number;
}

const recent = new RecentValues<Refusal>(MOST_REMEMBERED);
const nameOf = (keyHash: string, needsPlace: boolean) => `${keyHash} ${needsPlace}`;

/** What reads asks little, and for a moment only. */
export const needsPlace = (method: string): boolean => method !== "GET" && method !== "HEAD";

/** Of requests that need a place when that was what it lacked; of all when a limit was reached. */
export function noteRefusal(keyHash: string, problem: ProblemError): void {
  const kinds = problem.code === "too_much_at_once" ? [true] : [true, false];
  for (const needsPlace of kinds) recent.set(nameOf(keyHash, needsPlace), { problem, atMs: Date.now() });
}

/** Problems: `too_much_at_once`, `rate_limited`. */
export function refuseAgain(keyHash: string, needsPlace: boolean): void {
  const refusal = recent.get(nameOf(keyHash, needsPlace));
  if (refusal === undefined) return;
  const { problem, atMs } = refusal;
  const ageMs = Date.now() - atMs;
  const { retryAfterS = 1 } = problem.options;
  if (ageMs < 0 || ageMs >= Math.min(REMEMBERED_MS, retryAfterS * 1000)) return;
  throw new ProblemError(problem.code, problem.message, { retryAfterS });
}
