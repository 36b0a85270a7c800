// The catalogue of the embedded index store: which index file holds which generation, and which one is live.
// Every change is one transaction, so that a crash leaves the old state or the new one. A file is a leftover from
// before it is begun until a generation names it, and again from the moment that none does.

import { DatabaseSync } from "node:sqlite";
import type { Generation } from "../index-store.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS generations (
    name TEXT PRIMARY KEY,
    model_id TEXT NOT NULL,
    model_version TEXT NOT NULL,
    manifest TEXT NOT NULL,
    dims INTEGER NOT NULL,
    file TEXT NOT NULL UNIQUE,
    is_live INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_live_generation ON generations (is_live) WHERE is_live = 1;
  CREATE TABLE IF NOT EXISTS leftovers (file TEXT PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS restores (job_id TEXT PRIMARY KEY, ended_at TEXT NOT NULL) STRICT;
`;

/** Older restores are not asked for again. */
const RESTORES_KEPT = 1000;

/** A generation and its file, relative to the index store's folder. */
export interface Filed extends Generation {
  file: string;
}

interface Row {
  name: string;
  model_id: string;
  model_version: string;
  manifest: string;
  dims: number;
  file: string;
  is_live: number;
  created_at: string;
}

const filed = (row: Row): Filed => ({
  name: row.name,
  model: { id: row.model_id, version: row.model_version },
  manifest: row.manifest,
  dims: row.dims,
  file: row.file,
  isLive: row.is_live === 1,
  createdAt: row.created_at,
});

export class Catalogue {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    // Without a log beside it, it can be read also when the disk is full. EXTRA: a switch that was answered stays.
    this.#db.exec(`PRAGMA busy_timeout = 5000; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;`);
    this.#db.exec(SCHEMA);
  }

  /** By name. */
  all(): Filed[] {
    return (this.#db.prepare("SELECT * FROM generations ORDER BY name").all() as unknown as Row[]).map(filed);
  }

  find(name: string): Filed | null {
    const row = this.#db.prepare("SELECT * FROM generations WHERE name = ?").get(name);
    return row ? filed(row as unknown as Row) : null;
  }

  add({ name, model, manifest, dims, file, isLive, createdAt }: Filed): void {
    this.#atOnce(() => {
      this.#run(
        "INSERT INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ...[name, model.id, model.version, manifest, dims, file, isLive ? 1 : 0, createdAt],
      );
      this.#run("DELETE FROM leftovers WHERE file = ?", file);
    });
  }

  remove(name: string): void {
    this.#atOnce(() => {
      this.#run("INSERT OR IGNORE INTO leftovers SELECT file FROM generations WHERE name = ?", name);
      this.#run("DELETE FROM generations WHERE name = ?", name);
    });
  }

  makeLive(name: string): void {
    this.#atOnce(() => {
      this.#run("UPDATE generations SET is_live = 0 WHERE is_live = 1");
      this.#run("UPDATE generations SET is_live = 1 WHERE name = ?", name);
    });
  }

  /** Another file takes the generation's place, once for a job. */
  replaceFile(name: string, file: string, jobId: string | undefined): void {
    this.#atOnce(() => {
      this.#run("INSERT OR IGNORE INTO leftovers SELECT file FROM generations WHERE name = ?", name);
      this.#run("UPDATE generations SET file = ? WHERE name = ?", file, name);
      this.#run("DELETE FROM leftovers WHERE file = ?", file);
      if (jobId === undefined) return;
      this.#run("INSERT INTO restores VALUES (?, ?)", jobId, new Date().toISOString());
      this.#run("DELETE FROM restores WHERE rowid <= (SELECT max(rowid) FROM restores) - ?", RESTORES_KEPT);
    });
  }

  hasRestored(jobId: string): boolean {
    return this.#db.prepare("SELECT 1 FROM restores WHERE job_id = ?").get(jobId) !== undefined;
  }

  addLeftover(file: string): void {
    this.#run("INSERT OR IGNORE INTO leftovers VALUES (?)", file);
  }

  removeLeftover(file: string): void {
    this.#run("DELETE FROM leftovers WHERE file = ?", file);
  }

  leftovers(): string[] {
    return this.#db
      .prepare("SELECT file FROM leftovers")
      .all()
      .map(({ file }) => file as string);
  }

  close(): void {
    this.#db.close();
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#db.prepare(sql).run(...values);
  }

  #atOnce(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
