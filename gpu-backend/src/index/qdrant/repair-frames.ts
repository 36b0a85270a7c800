// Makes the frames' collection of a restored copy match its references: missing frames are written from the packed
// tracks, and frames of no reference are removed. No other process writes to the copy yet.

import { unpackTrack } from "../packed/packed-track.ts";
import type { Connection } from "./connection.ts";
import { FramePoints } from "./frame-points.ts";
import { ReferencePoints } from "./reference-points.ts";

const REFERENCES_A_PAGE = 500;
const MOST_ENTRIES = 10_000_000;

export async function repairFrames(
  connection: Connection,
  { frames, references, dims }: { frames: string; references: string; dims: number },
): Promise<void> {
  const framePoints = new FramePoints(connection, frames, dims);
  const referencePoints = new ReferencePoints(connection, references);
  const { hits } = await connection.call((client) =>
    client.facet(frames, { key: "entry", limit: MOST_ENTRIES, exact: true }),
  );
  const stored = new Map(hits.map(({ value, count }) => [String(value), count]));
  for await (const reference of referencePoints.entries(REFERENCES_A_PAGE)) {
    const { library, id, entry, availability } = reference;
    const isWhole = (stored.get(entry) ?? 0) === reference.frames;
    stored.delete(entry);
    if (isWhole) continue;
    for (const { track } of await referencePoints.tracks(library, [id]))
      await framePoints.write(library, entry, unpackTrack(track, dims).vectors, availability);
  }
  for (const entry of stored.keys()) await framePoints.removeEntry(entry);
}
