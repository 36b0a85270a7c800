// Whoever tries keys is stopped before the database is asked: after so many wrong ones in a minute, keys from that
// network are not looked up until the minute ends. A key that was right here lately goes on; of others one a second is
// looked up all the same, so that nobody is locked out by a neighbour for good.

import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { RecentValues } from "./recent-values.ts";

const TRIAL_EVERY_MS = 1000;
const KNOWN_FOR_MS = 3600_000;
/** Hashes and networks that an isolate remembers. */
const MOST_REMEMBERED = 10_000;

interface Stopped {
  untilMs: number;
  triedMs: number;
}

/** By network. Each isolate learns by itself, from the first wrong key that it sees, what all have counted. */
const stopped = new RecentValues<Stopped>(MOST_REMEMBERED);
/** By a right key's SHA-256: when it was right. */
const known = new RecentValues<number>(MOST_REMEMBERED);

/** Problem: `rate_limited`. */
export function refuseWhileStopped(network: string, hash: string): void {
  const nowMs = Date.now();
  const knownMs = known.get(hash);
  if (knownMs !== undefined && nowMs - knownMs < KNOWN_FOR_MS) return;
  const entry = stopped.get(network);
  if (entry === undefined || entry.untilMs <= nowMs) return;
  if (nowMs - entry.triedMs >= TRIAL_EVERY_MS) {
    entry.triedMs = nowMs;
    return;
  }
  const retryAfterS = Math.ceil((entry.untilMs - nowMs) / 1000);
  throw new ProblemError(
    "rate_limited",
    `Too many wrong API keys came from your network. Send again in ${retryAfterS} s, with a valid key.`,
    { retryAfterS },
  );
}

export const noteRightKey = (hash: string): void => known.set(hash, Date.now());

export async function noteWrongKey(
  { bindings, config }: RequestContext,
  network: string,
  hash: string,
): Promise<void> {
  known.delete(hash);
  const { ADDRESSES } = bindings;
  try {
    const untilMs = await ADDRESSES.get(ADDRESSES.idFromName(network)).note(config.authFailuresPerMinute);
    if (untilMs > 0) stopped.set(network, { untilMs, triedMs: stopped.get(network)?.triedMs ?? Date.now() });
  } catch (error) {
    logFailure("a wrong key was not counted", {}, error);
  }
}
