// The embedded index's durable truth: one SQLite row a reference, so that an upsert or a delete is one atomic
// statement. WAL with synchronous=FULL: a commit has reached the disk when it returns.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ModelIdentity } from "@twinframe/shared/contract";
import {
  type FrameTrack,
  IndexModelMismatch,
  type ReferenceEntry,
  type ReferenceRecord,
} from "../vector-index.ts";

const SCHEMA_VERSION = "1";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS reference_entries (
    library TEXT NOT NULL,
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    packets_sha256 TEXT NOT NULL,
    duration_s REAL NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sampled_frames INTEGER NOT NULL,
    rate REAL NOT NULL,
    start_s BLOB NOT NULL,
    end_s BLOB NOT NULL,
    vectors BLOB NOT NULL,
    PRIMARY KEY (library, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS reference_entries_by_packets ON reference_entries (library, packets_sha256);
`;

const RECORD_COLUMNS = `library, id, job_id AS jobId, sha256, packets_sha256 AS packetsSha256,
  duration_s AS durationS, width, height, sampled_frames AS sampledFrames`;

type EntryRow = ReferenceRecord & { rate: number; startS: Uint8Array; endS: Uint8Array; vectors: Uint8Array };

const bytesOf = (floats: Float32Array) => new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);

function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes); // SQLite's blobs need not lie on a multiple of four.
  return new Float32Array(copy.buffer);
}

export class ReferenceStore {
  readonly #db: DatabaseSync;
  readonly #upsert: StatementSync;

  /** Opens or creates the file. Throws IndexModelMismatch when another model filled it. */
  constructor(file: string, model: ModelIdentity, dims: number) {
    mkdirSync(dirname(file), { recursive: true });
    this.#db = new DatabaseSync(file);
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
    this.#db.exec(SCHEMA);
    this.#claim("schema_version", SCHEMA_VERSION, file);
    this.#claim("model", `${model.id}@${model.version}`, file);
    this.#claim("dims", String(dims), file);
    this.#upsert = this.#db.prepare(`
      INSERT INTO reference_entries (library, id, job_id, sha256, packets_sha256, duration_s, width, height,
        sampled_frames, rate, start_s, end_s, vectors)
      VALUES (:library, :id, :jobId, :sha256, :packetsSha256, :durationS, :width, :height,
        :sampledFrames, :rate, :startS, :endS, :vectors)
      ON CONFLICT (library, id) DO UPDATE SET job_id = excluded.job_id, sha256 = excluded.sha256,
        packets_sha256 = excluded.packets_sha256, duration_s = excluded.duration_s, width = excluded.width,
        height = excluded.height, sampled_frames = excluded.sampled_frames, rate = excluded.rate,
        start_s = excluded.start_s, end_s = excluded.end_s, vectors = excluded.vectors`);
  }

  #claim(key: string, value: string, file: string): void {
    this.#db.prepare("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING").run(key, value);
    const stored = this.#db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value;
    if (stored === value) return;
    this.#db.close();
    throw new IndexModelMismatch(
      `the index ${file} has ${key} ${stored}, this service ${value}: start with the one it was built by, or give another state folder and index the references anew`,
    );
  }

  upsert(entry: ReferenceEntry): void {
    const { track, ...record } = entry;
    this.#upsert.run({
      ...record,
      rate: track.rate,
      startS: bytesOf(track.startS),
      endS: bytesOf(track.endS),
      vectors: bytesOf(track.vectors),
    });
  }

  delete(library: string, id: string, jobId: string | undefined): boolean {
    const sql = "DELETE FROM reference_entries WHERE library = ? AND id = ? AND (? IS NULL OR job_id = ?)";
    return this.#db.prepare(sql).run(library, id, jobId ?? null, jobId ?? null).changes > 0;
  }

  get(library: string, id: string): ReferenceRecord | null {
    const sql = `SELECT ${RECORD_COLUMNS} FROM reference_entries WHERE library = ? AND id = ?`;
    return (this.#db.prepare(sql).get(library, id) as unknown as ReferenceRecord | undefined) ?? null;
  }

  findByPackets(library: string, packetsSha256: string): ReferenceRecord[] {
    const sql = `SELECT ${RECORD_COLUMNS} FROM reference_entries
      WHERE library = ? AND packets_sha256 = ? ORDER BY rowid LIMIT 100`;
    return this.#db.prepare(sql).all(library, packetsSha256) as unknown as ReferenceRecord[];
  }

  track(library: string, id: string): FrameTrack | null {
    const row = this.#db
      .prepare(
        `SELECT rate, duration_s AS durationS, start_s AS startS, end_s AS endS, vectors
         FROM reference_entries WHERE library = ? AND id = ?`,
      )
      .get(library, id) as unknown as EntryRow | undefined;
    return row ? trackOf(row) : null;
  }

  /** Every reference's vectors, one at a time, for filling the memory. */
  *vectors(): Generator<{ library: string; id: string; vectors: Float32Array }> {
    const rows = this.#db.prepare("SELECT library, id, vectors FROM reference_entries").iterate();
    for (const row of rows as unknown as Iterable<EntryRow>)
      yield { library: row.library, id: row.id, vectors: floatsOf(row.vectors) };
  }

  /** A consistent copy in a new file. Throws if the file exists. */
  copyTo(file: string): void {
    this.#db.prepare("VACUUM INTO ?").run(file);
  }

  compact(): void {
    this.#db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
  }

  close(): void {
    this.#db.close();
  }
}

function trackOf(row: EntryRow): FrameTrack {
  return {
    vectors: floatsOf(row.vectors),
    startS: floatsOf(row.startS),
    endS: floatsOf(row.endS),
    rate: row.rate,
    durationS: row.durationS,
  };
}
