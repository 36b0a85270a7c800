// The embedded index's durable truth: one SQLite row a reference, so that an upsert or a delete is one atomic
// statement. WAL with synchronous=FULL: a commit has reached the disk when it returns.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ModelIdentity } from "@twinframe/shared/contract";
import type { FrameTrack } from "../frame-track.ts";
import { packTrack, unpackCodes, unpackTrack } from "../packed/packed-track.ts";
import type { EntryPosition, ReferenceEntry, ReferenceRecord } from "../reference-record.ts";
import { LibraryEpochs } from "./library-epochs.ts";
import { prepareFile } from "./schema.ts";

const RECORD_COLUMNS = `name AS library, id, job_id AS jobId, lower(hex(sha256)) AS sha256,
  lower(hex(packets_sha256)) AS packetsSha256, duration_s AS durationS, seen_s AS seenS, width,
  height, sampled_frames AS sampledFrames, availability`;
const TABLES = "reference_tracks JOIN libraries ON libraries.number = library";

interface TrackRow {
  library: string;
  id: string;
  durationS: number;
  track: Uint8Array;
}

export class ReferenceStore {
  readonly #db: DatabaseSync;
  readonly #dims: number;
  /** Also whose the references are. */
  readonly epochs: LibraryEpochs;
  readonly #addLibrary: StatementSync;
  readonly #upsert: StatementSync;

  /** Opens or creates the file. Throws IndexModelMismatch when another model filled it. */
  constructor(file: string, model: ModelIdentity, dims: number) {
    mkdirSync(dirname(file), { recursive: true });
    this.#db = new DatabaseSync(file);
    this.#dims = dims;
    try {
      prepareFile(this.#db, file, model, dims);
    } catch (error) {
      this.#db.close();
      throw error;
    }
    this.epochs = new LibraryEpochs(this.#db);
    this.#addLibrary = this.#db.prepare("INSERT INTO libraries (name) VALUES (?) ON CONFLICT DO NOTHING");
    this.#upsert = this.#db.prepare(`
      INSERT INTO reference_tracks (library, id, job_id, sha256, packets_sha256, duration_s, seen_s, width,
        height, sampled_frames, track, availability)
      VALUES ((SELECT number FROM libraries WHERE name = :library), :id, :jobId, :sha256, :packetsSha256,
        :durationS, :seenS, :width, :height, :sampledFrames, :track, :availability)
      ON CONFLICT (library, id) DO UPDATE SET
        availability = iif(job_id = excluded.job_id, max(availability, excluded.availability), excluded.availability),
        job_id = excluded.job_id, sha256 = excluded.sha256,
        packets_sha256 = excluded.packets_sha256, duration_s = excluded.duration_s,
        seen_s = excluded.seen_s, width = excluded.width, height = excluded.height,
        sampled_frames = excluded.sampled_frames, track = excluded.track
      RETURNING availability`);
  }

  /** The codes that are read from now on, also after a restart, and the availability. */
  upsert(entry: ReferenceEntry): { codes: Int8Array; availability: number } {
    const { track: content, ...record } = entry;
    const track = packTrack(content, this.#dims);
    const sha256 = digestBytes(record.sha256);
    const packetsSha256 = digestBytes(record.packetsSha256);
    const row = { ...record, sha256, packetsSha256, track };
    const availability = this.epochs.counting(record.library, () => {
      this.#addLibrary.run(record.library);
      return { changed: true, value: Number(this.#upsert.get(row)?.availability) };
    });
    return { codes: unpackCodes(track, this.#dims).codes, availability };
  }

  delete(library: string, id: string, jobId: string | undefined): boolean {
    const sql = `DELETE FROM reference_tracks
      WHERE library = (SELECT number FROM libraries WHERE name = ?) AND id = ? AND (? IS NULL OR job_id = ?)`;
    return this.epochs.counting(library, () => {
      const changed = this.#db.prepare(sql).run(library, id, jobId ?? null, jobId ?? null).changes > 0;
      return { changed, value: changed };
    });
  }

  /** Whether it counted. */
  setAvailability(library: string, id: string, jobId: string, availability: number): boolean {
    const sql = `UPDATE reference_tracks SET availability = ?4
      WHERE library = (SELECT number FROM libraries WHERE name = ?1) AND id = ?2 AND job_id = ?3 AND availability < ?4`;
    return this.epochs.counting(library, () => {
      const changed = this.#db.prepare(sql).run(library, id, jobId, availability).changes > 0;
      return { changed, value: changed };
    });
  }

  get(library: string, id: string): ReferenceRecord | null {
    const sql = `SELECT ${RECORD_COLUMNS} FROM ${TABLES} WHERE name = ? AND id = ?`;
    return (this.#db.prepare(sql).get(library, id) as unknown as ReferenceRecord | undefined) ?? null;
  }

  findByPackets(library: string, packetsSha256: string): ReferenceRecord[] {
    const sql = `SELECT ${RECORD_COLUMNS} FROM ${TABLES} WHERE name = :library
      AND substr(packets_sha256, 1, 8) = substr(:packets, 1, 8) AND packets_sha256 = :packets
      AND availability % 2 = 0 ORDER BY reference_tracks.number LIMIT 100`;
    const rows = this.#db.prepare(sql).all({ library, packets: digestBytes(packetsSha256) });
    return rows as unknown as ReferenceRecord[];
  }

  /** By library and id, at most `limit` behind `after`. */
  list(after: EntryPosition | null, limit: number): ReferenceRecord[] {
    const sql = `SELECT ${RECORD_COLUMNS} FROM ${TABLES} WHERE (name, id) > (?, ?) ORDER BY name, id LIMIT ?`;
    const rows = this.#db.prepare(sql).all(after?.library ?? "", after?.id ?? "", limit);
    return rows as unknown as ReferenceRecord[];
  }

  /** In one transaction: a crash leaves the tenant whole or gone. */
  deleteTenant(tenant: string): number {
    const libraries = "SELECT number FROM libraries WHERE substr(name, 1, length(:prefix)) = :prefix";
    return this.epochs.atOnce(() => {
      const run = (sql: string) => this.#db.prepare(sql).run({ prefix: `${tenant}/` });
      const { changes } = run(`DELETE FROM reference_tracks WHERE library IN (${libraries})`);
      run(`DELETE FROM libraries WHERE number IN (${libraries})`);
      return Number(changes);
    });
  }

  track(library: string, id: string): FrameTrack | null {
    const row = this.#db
      .prepare(
        `SELECT name AS library, id, duration_s AS durationS, track FROM ${TABLES} WHERE name = ? AND id = ?`,
      )
      .get(library, id) as unknown as TrackRow | undefined;
    return row ? { ...this.#read(row, unpackTrack), durationS: row.durationS } : null;
  }

  /** Every reference's codes, one at a time, for filling the memory. */
  *codes(): Generator<{ library: string; id: string; availability: number; codes: Int8Array }> {
    const rows = this.#db.prepare(`SELECT name AS library, id, availability, track FROM ${TABLES}`).iterate();
    for (const row of rows as unknown as Iterable<TrackRow & { availability: number }>) {
      const { library, id, availability } = row;
      yield { library, id, availability, codes: this.#read(row, unpackCodes).codes };
    }
  }

  #read<T>(
    { library, id, track }: Pick<TrackRow, "library" | "id" | "track">,
    unpack: (bytes: Uint8Array, dims: number) => T,
  ): T {
    try {
      return unpack(track, this.#dims);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : cause;
      throw new Error(`reference ${id} of library ${library} cannot be read: ${why}`, { cause });
    }
  }

  /** What the file takes on the disk, all tables and indexes, less the room that is free to be used again. */
  get bytes(): number {
    const pragma = (name: string) => this.#db.prepare(`PRAGMA ${name}`).get()?.[name] as number;
    return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
  }

  compact(): void {
    this.#db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
  }

  close(): void {
    this.#db.close();
  }
}

function digestBytes(hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new RangeError(`not a SHA-256 of 64 lower-case hex digits: ${hex}`);
  return Buffer.from(hex, "hex");
}
