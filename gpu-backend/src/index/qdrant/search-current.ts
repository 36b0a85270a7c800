// Searches the frames of current entries only. Frames whose entry is not (or not yet) the current one of a reference are
// excluded by a further search, so that they displace no other frame, and so that a reference that is being replaced is
// found by its new frames.

import { ProblemError } from "@twinframe/shared/problem";
import type { CurrentEntries } from "./current-entries.ts";
import type { FramePoints, Hit } from "./frame-points.ts";

/** A reference that is replaced faster than it is searched has a new entry in each attempt. */
const ATTEMPTS = 16;

export async function searchCurrent(
  frames: FramePoints,
  entries: CurrentEntries,
  search: { library: string; queries: Float32Array; perQuery: number },
): Promise<{ lists: Hit[][]; current: Map<string, string> }> {
  const { library, queries, perQuery } = search;
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
    // An entry that is not current may be replaced by one that matches: never answer without it.
    if (attempt === ATTEMPTS)
      throw new ProblemError(
        "index_unavailable",
        "The library changes too fast to be searched; try again shortly.",
      );
  }
}
