// The index file: what it takes on the disk, files of the service's first version, and damaged ones.

import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedIndex } from "../src/index/embedded/embedded-index.ts";
import { ReferenceStore } from "../src/index/embedded/reference-store.ts";
import type { ReferenceEntry } from "../src/index/reference-record.ts";
import { driftingVectors, entryOf, leastCosine, sha256Of, trackOf } from "../src/testing-tracks.ts";

const DIMS = 128;
const MODEL = { id: "test", version: "1" };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-index-file-"));
  file = join(folder, "index.sqlite");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openIndex = (model = MODEL) => EmbeddedIndex.open({ file, model, dims: DIMS, maxBytes: 1e9 });
const openStore = (model = MODEL) => new ReferenceStore(file, model, DIMS);

function inFile<T>(work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** A file as schema version 1 wrote it: times and vectors as float32, hashes as text, SQLite's own pages. */
function writeFirstVersion(entries: ReferenceEntry[]): void {
  const bytes = (floats: Float32Array) => new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  inFile((db) => {
    db.exec(`PRAGMA journal_mode = WAL;
      CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      CREATE TABLE reference_entries (library TEXT NOT NULL, id TEXT NOT NULL, job_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, packets_sha256 TEXT NOT NULL, duration_s REAL NOT NULL, width INTEGER NOT NULL,
        height INTEGER NOT NULL, sampled_frames INTEGER NOT NULL, rate REAL NOT NULL, start_s BLOB NOT NULL,
        end_s BLOB NOT NULL, vectors BLOB NOT NULL, PRIMARY KEY (library, id)) STRICT;
      CREATE INDEX reference_entries_by_packets ON reference_entries (library, packets_sha256);
      INSERT INTO meta VALUES ('schema_version', '1'), ('model', 'test@1'), ('dims', '${DIMS}');`);
    const insert = db.prepare(`INSERT INTO reference_entries VALUES (:library, :id, :jobId, :sha256,
      :packetsSha256, :durationS, :width, :height, :sampledFrames, :rate, :startS, :endS, :vectors)`);
    for (const { track, seenS: _seen, availability: _, ...record } of entries) {
      const { rate } = track;
      const [startS, endS, vectors] = [bytes(track.startS), bytes(track.endS), bytes(track.vectors)];
      insert.run({ ...record, rate, startS, endS, vectors });
    }
  });
}

const someEntries = () => {
  const packetsSha256 = sha256Of("the same packets");
  const track = (seed: number, frames: number) => trackOf(driftingVectors(seed, frames, DIMS), DIMS);
  return [
    entryOf("z", track(1, 60), { packetsSha256 }),
    entryOf("a", track(2, 40), { packetsSha256 }),
    entryOf("a", track(3, 20), { library: "tenant/other" }),
    entryOf("blank", track(4, 0)),
  ];
};

describe("the index file", () => {
  it("takes 16 kB a minute of video in all", async () => {
    const index = await openIndex();
    const references = 120;
    for (let i = 0; i < references; i++) {
      const id = `ref_${String(i).padStart(26, "0")}`;
      await index.upsertReference(entryOf(id, trackOf(driftingVectors(i, 60, DIMS, 1), DIMS)));
    }
    const { storedBytes } = await index.stats();
    await index.optimise();
    const stats = await index.stats();
    await index.close();
    expect(stats).toMatchObject({ references, frames: 7_200, bytes: 8_192 * (DIMS + 4) });
    expect(stats.storedBytes).toBe(statSync(file).size);
    expect(storedBytes).toBeLessThan(1.02 * stats.storedBytes);
    expect(stats.storedBytes / ((references * 30) / 60)).toBeLessThan(16_000);
  });

  it("names the reference whose track is damaged", async () => {
    const store = openStore();
    store.upsert(entryOf("hurt", trackOf(driftingVectors(1, 5, DIMS), DIMS)));
    store.close();
    inFile((db) => db.exec("UPDATE reference_tracks SET track = substr(track, 1, 100)"));
    await expect(openIndex()).rejects.toThrow(/reference hurt of library tenant\/default .*damaged/);
  });

  it("of a newer version is refused and not changed", () => {
    openStore().close();
    inFile((db) => db.exec("UPDATE meta SET value = '4' WHERE key = 'schema_version'"));
    expect(() => openStore()).toThrow(/schema_version 4, this service 3/);
    expect(inFile((db) => db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get())).toEqual({
      value: "4",
    });
  });
});

describe("an index file of the second version", () => {
  it("gets a column for the seconds seen, null for its entries", () => {
    const store = openStore();
    const entry = entryOf("a", trackOf(driftingVectors(1, 6, DIMS), DIMS), { seenS: 2.5 });
    store.upsert(entry);
    expect(store.get("tenant/default", "a")).toMatchObject({ seenS: 2.5 });
    store.close();
    inFile((db) =>
      db.exec(`ALTER TABLE reference_tracks DROP COLUMN seen_s;
        UPDATE meta SET value = '2' WHERE key = 'schema_version'`),
    );
    const again = openStore();
    expect(again.get("tenant/default", "a")).toMatchObject({ durationS: entry.durationS, seenS: null });
    again.upsert(entry);
    expect(again.list(null, 9)).toMatchObject([{ id: "a", seenS: 2.5 }]);
    again.close();
  });

  it("gets epochs and availability when it is opened, and keeps its entries", async () => {
    const store = openStore();
    store.upsert(entryOf("a", trackOf(driftingVectors(1, 5, DIMS), DIMS)));
    store.close();
    inFile((db) =>
      db.exec(`ALTER TABLE libraries DROP COLUMN epoch; ALTER TABLE reference_tracks DROP COLUMN availability;
        UPDATE meta SET value = '2' WHERE key = 'schema_version'`),
    );
    const index = await openIndex();
    expect(await index.standing("tenant/default")).toEqual({ installation: null, epoch: 0, references: 1 });
    await index.setAvailability("tenant/default", "a", "job_a", 1);
    expect(await index.standing("tenant/default")).toMatchObject({ epoch: 1, references: 1 });
    await index.close();
  });
});

describe("an index file of the first version", () => {
  it("is migrated with all its references when it is opened", async () => {
    const entries = someEntries();
    writeFirstVersion(entries);
    const bytesBefore = statSync(file).size;
    const index = await openIndex();
    expect(await index.stats()).toMatchObject({ references: 4, frames: 120 });
    for (const { track, ...record } of entries) {
      const { library, id } = record;
      expect(await index.getReference(library, id)).toEqual({ ...record, seenS: null });
      const kept = (await index.descriptorsOf(library, [id])).get(id);
      expect({ ...kept, vectors: null }).toEqual({ ...track, vectors: null });
      expect(leastCosine(kept?.vectors ?? new Float32Array(1), track.vectors, DIMS)).toBeGreaterThan(0.9999);
    }
    const same = await index.findByPackets("tenant/default", sha256Of("the same packets"));
    expect(same.map(({ id }) => id)).toEqual(["z", "a"]); // as they came in
    await index.deleteReference("tenant/default", "z");
    await index.close();
    expect(statSync(file).size).toBeLessThan(0.4 * bytesBefore);
    const again = await openIndex();
    expect(await again.stats()).toMatchObject({ references: 3, frames: 60 });
    await again.close();
  });

  it("stays unchanged when it cannot be migrated, and is migrated when it can", () => {
    const entries = someEntries();
    writeFirstVersion(entries);
    const untouched = () =>
      inFile((db) => ({
        version: db.prepare("SELECT value FROM meta WHERE key = 'schema_version'").get()?.value,
        rows: db.prepare("SELECT count(*) AS count FROM reference_entries").get()?.count,
        tables: db.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE type = 'table'").get()?.count,
      }));
    const before = untouched();
    expect(before).toEqual({ version: "1", rows: 4, tables: 2 });
    expect(() => openStore({ id: "another", version: "1" })).toThrow(/model test@1, this service another@1/);
    expect(untouched()).toEqual(before);
    // The last one that is moved fails after the others were: as a crash would leave it.
    inFile((db) => db.exec("UPDATE reference_entries SET vectors = x'00000000' WHERE id = 'blank'"));
    expect(() => openStore()).toThrow(/reference blank of library tenant\/default cannot be taken over/);
    expect(untouched()).toEqual(before);
    inFile((db) => db.exec("UPDATE reference_entries SET vectors = x'' WHERE id = 'blank'"));
    const store = openStore();
    expect([...store.codes()]).toHaveLength(4);
    store.close();
  });

  it("gets its small pages at the next opening when the first was interrupted before that", () => {
    const store = openStore();
    store.upsert(entryOf("a", trackOf(driftingVectors(1, 60, DIMS), DIMS)));
    const { bytes } = store;
    store.close();
    inFile((db) => db.exec("PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM"));
    const again = openStore();
    expect(again.bytes).toBeLessThanOrEqual(bytes);
    expect(again.track("tenant/default", "a")?.startS).toHaveLength(60);
    again.close();
    expect(inFile((db) => db.prepare("PRAGMA journal_mode").get())).toEqual({ journal_mode: "wal" });
  });
});
