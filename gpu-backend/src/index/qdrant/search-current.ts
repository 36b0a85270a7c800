// Nearest frames of current entries only. Frames whose entry is not (or not yet) the current one of a reference
// are left out by asking again without them, so that they take no place of others, and so that a reference that
// was replaced in this moment is found by its new frames.

import { ProblemError } from "@twinframe/shared/problem";
import type { CurrentEntries } from "./current-entries.ts";
import type { FramePoints, Hit } from "./frame-points.ts";

/** A reference that is replaced over and over, faster than it is searched, is met with a new entry each time. */
const ATTEMPTS = 16;

export async function searchCurrent(
  frames: FramePoints,
  entries: CurrentEntries,
  question: { library: string; queries: Float32Array; perQuery: number },
): Promise<{ lists: Hit[][]; current: Map<string, string> }> {
  const { library, queries, perQuery } = question;
  const excluded = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const lists = await frames.search(library, queries, perQuery, [...excluded]);
    const seen = new Set(excluded);
    for (const list of lists) for (const { entry } of list) seen.add(entry);
    const current = await entries.among(seen);
    let isSettled = true;
    for (const entry of seen) {
      // Not excluded, though not current; or excluded, and made current since.
      if (excluded.has(entry) !== current.has(entry)) continue;
      isSettled = false;
      if (current.has(entry)) excluded.delete(entry);
      else excluded.add(entry);
    }
    if (isSettled) return { lists, current };
    // What is not current might be a reference that is there: never left out as if it were not.
    if (attempt === ATTEMPTS)
      throw new ProblemError(
        "index_unavailable",
        "The library changes too fast to be searched; try again shortly.",
      );
  }
}
