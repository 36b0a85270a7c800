// Exact counts from the payload indexes of the references' collection: how many references have each number of frames, in
// all and by library. Frames that a crash has left are not counted.

import type { IndexStats, LibraryStats } from "../vector-index.ts";
import type { Connection } from "./connection.ts";

const MOST_VALUES = 1_000_000;
/** The vector as it came and its byte a dimension in memory, also kept on the disk. */
const STORED_BYTES_A_DIMENSION = 4 + 1;
/** The track in base64, without what packing saves; payloads, ids, links and look-up structures. */
const TRACK_BYTES_A_DIMENSION = 4 / 3;
const STORED_BYTES_A_FRAME = 450;
const STORED_BYTES_A_REFERENCE = 1_500;

/** What searches hold in memory: a byte a dimension. */
const vectorBytes = (frames: number, dims: number) => frames * dims;

async function facet(connection: Connection, collection: string, key: string) {
  const { hits } = await connection.call((client) =>
    client.facet(collection, { key, limit: MOST_VALUES, exact: true }),
  );
  return hits.filter(({ count }) => count > 0); // Values stay listed after their last point was deleted.
}

export async function statsOf(connection: Connection, references: string, dims: number): Promise<IndexStats> {
  let count = 0;
  let frames = 0;
  for (const hit of await facet(connection, references, "frames")) {
    count += hit.count;
    frames += hit.count * Number(hit.value);
  }
  const perFrame = dims * (STORED_BYTES_A_DIMENSION + TRACK_BYTES_A_DIMENSION) + STORED_BYTES_A_FRAME;
  return {
    kind: "qdrant",
    references: count,
    frames,
    bytes: vectorBytes(frames, dims),
    storedBytes: Math.round(frames * perFrame + count * STORED_BYTES_A_REFERENCE),
  };
}

export async function libraryStatsOf(
  connection: Connection,
  references: string,
  dims: number,
): Promise<LibraryStats[]> {
  const libraries = new Map<string, LibraryStats>();
  for (const { value, count } of await facet(connection, references, "tally")) {
    const [library, frames] = String(value).split(" ") as [string, string];
    const total = libraries.get(library) ?? { library, references: 0, frames: 0, bytes: 0 };
    total.references += count;
    total.frames += count * Number(frames);
    total.bytes = vectorBytes(total.frames, dims);
    libraries.set(library, total);
  }
  return [...libraries.values()].sort((a, b) => (a.library < b.library ? -1 : 1));
}
