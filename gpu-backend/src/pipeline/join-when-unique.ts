// Into the library when it has no copy yet. The library's lock lets one at a time do this within a process. Where
// several processes share the index, two may still hold the same library for a moment, while its owner changes:
// so each looks again after its write, and whoever then sees another's copy takes its own back and begins anew.
// Of two that wrote, the later to look sees the other's: never do both stay.

import { setTimeout as pause } from "node:timers/promises";
import { ProblemError } from "@twinframe/shared/problem";

export interface Joining<Found> {
  lookUp(): Promise<Found>;
  isKnown(found: Found): boolean;
  write(): Promise<void>;
  joined(found: Found): Found;
  /** After the write: whether a copy by another is there. Null where nobody else writes. */
  raced: (() => Promise<boolean>) | null;
  remove(): Promise<unknown>;
  signal?: AbortSignal;
}

const ATTEMPTS = 6;
/** Doubled each time; a random part of it is waited, so that two do not keep meeting. */
const BACK_OFF_MS = 200;

export async function joinWhenUnique<Found>(joining: Joining<Found>): Promise<Found> {
  const { lookUp, isKnown, write, joined, raced, remove, signal } = joining;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await lookUp();
    if (isKnown(found)) return found;
    await write();
    if (raced === null) return joined(found);
    const hasRaced = await raced().catch(async (error) => {
      // Whether it was alone is not known: not acknowledged, so not left behind either.
      await remove();
      throw error;
    });
    if (!hasRaced) return joined(found);
    await remove();
    await pause(Math.random() * BACK_OFF_MS * 2 ** attempt);
    signal?.throwIfAborted();
  }
  throw new ProblemError(
    "backend_unavailable",
    "The same video kept being added elsewhere at this very moment; ask again.",
    { retryAfterS: 5 },
  );
}
