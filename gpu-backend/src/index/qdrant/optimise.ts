// Optimises a generation: removes frames that belong to no entry, and waits for the server's own optimisation.

import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import type { CurrentEntries } from "./current-entries.ts";
import type { FramePoints } from "./frame-points.ts";

/** An entry without a reference may still be about to get one: its frames are spared for so long. */
const SPARED_S = 3_600;
const ENTRIES_A_PAGE = 5_000;
const MOST_ENTRIES = 10_000_000;
const LONGEST_WAIT_MS = 3_600_000;

export interface SweptFrames {
  connection: Connection;
  /** Of the frames, or its alias. */
  collection: string;
  frames: FramePoints;
  current: CurrentEntries;
}

/** Removes what interrupted uploads and deletes have left; how many entries that were. */
export async function sweepFrames(
  { connection, collection, frames, current }: SweptFrames,
  nowS = Date.now() / 1000,
): Promise<number> {
  // The time is taken before the look-up, so that none of them can become current afterwards.
  const beforeS = Math.floor(nowS - SPARED_S);
  const { hits } = await connection.call((client) =>
    client.facet(collection, {
      key: "entry",
      limit: MOST_ENTRIES,
      exact: true,
      filter: { must: [{ key: "written_s", range: { lt: beforeS } }] },
    }),
  );
  let swept = 0;
  for (let from = 0; from < hits.length; from += ENTRIES_A_PAGE) {
    const entries = hits.slice(from, from + ENTRIES_A_PAGE).map(({ value }) => String(value));
    const owned = await current.among(new Set(entries));
    const orphans = entries.filter((entry) => !owned.has(entry));
    if (orphans.length > 0) await frames.removeOld(orphans, beforeS);
    swept += orphans.length;
  }
  return swept;
}

export async function optimiseCollections(connection: Connection, collections: string[]): Promise<void> {
  const end = performance.now() + LONGEST_WAIT_MS;
  for (const name of collections)
    for (let wait = 50; performance.now() < end; wait = Math.min(2_000, wait * 2)) {
      const { status, optimizer_status } = await connection.call((client) => client.getCollection(name));
      if (status === "red" || optimizer_status !== "ok")
        throw new Error(`the optimisation of ${name} has failed`);
      if (status !== "yellow") break;
      await pause(wait);
    }
}
