// Adds a video to the library when the library has no copy of it. Within a process the library's mutex lets one check
// at a time do this. Where several processes share the index, two may still write at once while the library's owner
// changes: so each looks for copies again after its write, and a check that then finds another's copy removes its own
// entry and starts anew. Of two that wrote, the later to look finds the other's: never do both stay.

import { setTimeout as pause } from "node:timers/promises";
import { ProblemError } from "@twinframe/shared/problem";

export interface Addition<Found> {
  lookUp(): Promise<Found>;
  isKnown(found: Found): boolean;
  write(): Promise<void>;
  added(found: Found): Found;
  /** After the write: whether another process has added a copy. Null where no other process writes. */
  hasCopy: (() => Promise<boolean>) | null;
  remove(): Promise<unknown>;
  signal?: AbortSignal | undefined;
}

const ATTEMPTS = 6;
/** Doubled each time; a random part of it is waited, so that two do not keep meeting. */
const BACK_OFF_MS = 200;

export async function addWhenUnique<Found>(addition: Addition<Found>): Promise<Found> {
  const { lookUp, isKnown, write, added, hasCopy, remove, signal } = addition;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await lookUp();
    if (isKnown(found)) return found;
    await write();
    if (hasCopy === null) return added(found);
    const isLate = await hasCopy().catch(async (error) => {
      // Whether there is another copy is not known: not acknowledged, so not left behind either.
      await remove();
      throw error;
    });
    if (!isLate) return added(found);
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
