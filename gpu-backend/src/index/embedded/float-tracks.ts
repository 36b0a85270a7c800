// Index files of schema version 1 kept tracks as float32 and hashes as text. Run within a transaction.

import type { DatabaseSync } from "node:sqlite";
import { packTrack } from "../packed/packed-track.ts";

type FloatRow = { library: string; id: string; rate: number } & Record<
  "startS" | "endS" | "vectors",
  Uint8Array
>;

export function floatTracksRemain(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'reference_entries'").get() !== undefined;
}

/** Moves every reference into today's tables, in the order they came in. */
export function packFloatTracks(db: DatabaseSync, dims: number): void {
  db.exec("INSERT INTO libraries (name) SELECT DISTINCT library FROM reference_entries");
  const rows = db
    .prepare(
      "SELECT library, id, rate, start_s AS startS, end_s AS endS, vectors FROM reference_entries ORDER BY rowid",
    )
    .iterate();
  const move = db.prepare(`
    INSERT INTO reference_tracks (library, id, job_id, sha256, packets_sha256, duration_s, width, height,
      sampled_frames, track)
    SELECT libraries.number, id, job_id, unhex(sha256), unhex(packets_sha256), duration_s, width, height,
      sampled_frames, :track
    FROM reference_entries JOIN libraries ON libraries.name = library
    WHERE library = :library AND id = :id`);
  for (const row of rows as unknown as Iterable<FloatRow>) {
    const { library, id, rate } = row;
    try {
      const [startS, endS, vectors] = [floatsOf(row.startS), floatsOf(row.endS), floatsOf(row.vectors)];
      move.run({ library, id, track: packTrack({ vectors, startS, endS, rate }, dims) });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : cause;
      throw new Error(`reference ${id} of library ${library} cannot be taken over: ${why}`, { cause });
    }
  }
  db.exec("DROP TABLE reference_entries");
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes); // SQLite's blobs need not lie on a multiple of four.
  return new Float32Array(copy.buffer);
}
