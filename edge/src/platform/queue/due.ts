// When work that failed in a way that may pass is tried again. The time stands in D1; a message in the queue only
// brings it about sooner, and a lost one is made up for by the sweeper.

import type { ProblemCode } from "@twinframe/shared/problem";

const MAX_DELAY_S = 15 * 60;
/** The others' work goes on, so it does not take long. */
const MAX_BUSY_DELAY_S = 60;
const BUSY: readonly ProblemCode[] = ["overloaded", "too_much_at_once"];
/** A message comes so much before its time at most. */
const EARLY_MS = 1000;

export interface Due {
  dueIso: string;
  delaySeconds: number;
}

/** Doubled with each failure, up to a quarter of an hour, and shortened at random so that not all come at once. */
export function dueAfter(failures: number, code: ProblemCode, nowMs = Date.now()): Due {
  const most = BUSY.includes(code) ? MAX_BUSY_DELAY_S : MAX_DELAY_S;
  const delaySeconds = Math.ceil(Math.min(most, 2 ** (failures + 1)) * (1 - Math.random() / 4));
  return { dueIso: new Date(nowMs + delaySeconds * 1000).toISOString(), delaySeconds };
}

/** A message that comes before its work is due is a copy of one that is to come. */
export const isEarly = ({ due_at }: { due_at: string | null }, nowMs = Date.now()) =>
  due_at !== null && Date.parse(due_at) - EARLY_MS > nowMs;
