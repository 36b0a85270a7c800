// The index file's tables: laid out for little room beside the packed tracks.

import type { DatabaseSync } from "node:sqlite";
import type { ModelIdentity } from "@twinframe/shared/contract";
import { IndexModelMismatch } from "../vector-index.ts";
import { floatTracksRemain, packFloatTracks } from "./float-tracks.ts";

const SCHEMA_VERSION = "3";
/**
 * Version 1 kept float32 tracks; opening packs them. Version 2 had neither epochs nor availability, and not how much of
 * a reference was seen; opening adds them.
 */
const READABLE_VERSIONS = new Set<string | null>([null, "1", "2", SCHEMA_VERSION]);

/**
 * Long rows leave a page of theirs partly empty, so pages are small: half a minute's track would lose 6 % of its
 * room with SQLite's usual 4,096 bytes. Writing and reading take about as long.
 */
const PAGE_BYTES = 512;

const META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT";

// Libraries are numbered, since their names would stand in every row and in both indexes. The packets' index
// holds eight bytes of the hash, which are as good as all for finding the few rows to compare.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS libraries (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS reference_tracks (
    number INTEGER PRIMARY KEY,
    library INTEGER NOT NULL,
    id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    packets_sha256 BLOB NOT NULL,
    duration_s REAL NOT NULL,
    seen_s REAL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    sampled_frames INTEGER NOT NULL,
    track BLOB NOT NULL,
    availability INTEGER NOT NULL DEFAULT 0,
    UNIQUE (library, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS reference_tracks_by_packets
    ON reference_tracks (library, substr(packets_sha256, 1, 8));
`;

/**
 * Brings a new or an older file to today's layout, whole or not at all. Throws IndexModelMismatch, and leaves
 * the file as it was, when another model or a newer version of the service filled it.
 */
export function prepareFile(db: DatabaseSync, file: string, model: ModelIdentity, dims: number): void {
  db.exec(`PRAGMA busy_timeout = 5000; PRAGMA page_size = ${PAGE_BYTES};`); // A new file's; see relayPages.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;");
  try {
    db.exec(META);
    const version = stored(db, "schema_version");
    if (!READABLE_VERSIONS.has(version)) throw mismatch(file, "schema_version", version, SCHEMA_VERSION);
    claim(db, "model", `${model.id}@${model.version}`, file);
    claim(db, "dims", String(dims), file);
    db.exec(SCHEMA);
    addColumn(db, "reference_tracks", "seen_s", "REAL");
    addColumn(db, "libraries", "epoch", "INTEGER NOT NULL DEFAULT 0");
    addColumn(db, "reference_tracks", "availability", "INTEGER NOT NULL DEFAULT 0");
    if (floatTracksRemain(db)) packFloatTracks(db, dims);
    db.prepare("REPLACE INTO meta (key, value) VALUES ('schema_version', ?)").run(SCHEMA_VERSION);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
  if (db.prepare("PRAGMA page_size").get()?.page_size !== PAGE_BYTES) relayPages(db);
}

/** To a file from before the column. */
function addColumn(db: DatabaseSync, table: string, column: string, definition: string): void {
  const columns = db.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  if (!columns.some(({ name }) => name === column))
    db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
}

function stored(db: DatabaseSync, key: string): string | null {
  return (db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value as string | undefined) ?? null;
}

function claim(db: DatabaseSync, key: string, value: string, file: string): void {
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING").run(key, value);
  const held = stored(db, key);
  if (held !== value) throw mismatch(file, key, held, value);
}

function mismatch(file: string, key: string, stored: string | null, value: string): IndexModelMismatch {
  return new IndexModelMismatch(
    `the index ${file} has ${key} ${stored}, this service ${value}: start with the one it was built by, or give another state folder and index the references anew`,
  );
}

/** Gives an older file small pages, and its free room back. Nothing but room depends on it. */
function relayPages(db: DatabaseSync): void {
  try {
    db.exec(`PRAGMA journal_mode = DELETE; PRAGMA page_size = ${PAGE_BYTES}; VACUUM;`);
  } catch {
    // Somebody else reads the file, or the disk has no room for a second copy: the next opening tries again.
  }
  db.exec("PRAGMA journal_mode = WAL");
}
