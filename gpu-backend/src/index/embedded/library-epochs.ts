// The installation that an index file belongs to, and the epoch of each library. An epoch is raised within the
// transaction of the write that it counts.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LibraryEpoch } from "../vector-index.ts";

/** Of the file's `meta`. */
export const INSTALLATION = "installation";

export class LibraryEpochs {
  readonly #db: DatabaseSync;
  readonly #raise: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#raise = db.prepare(`
      INSERT INTO libraries (name, epoch) VALUES (?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1`);
  }

  /** Runs a write, and raises the epoch with it when the write has changed anything. */
  counting<T>(library: string, write: () => { changed: boolean; value: T }): T {
    return this.atOnce(() => {
      const { changed, value } = write();
      if (changed) this.#raise.run(library);
      return value;
    });
  }

  of(library: string): number {
    const row = this.#db.prepare("SELECT epoch FROM libraries WHERE name = ?").get(library);
    return Number(row?.epoch ?? 0);
  }

  all(): LibraryEpoch[] {
    const sql = "SELECT name AS library, epoch FROM libraries WHERE epoch > 0 ORDER BY name";
    return this.#db.prepare(sql).all() as unknown as LibraryEpoch[];
  }

  raiseTo(epochs: readonly LibraryEpoch[]): void {
    const raise = this.#db.prepare(`
      INSERT INTO libraries (name, epoch) VALUES (?1, ?2)
      ON CONFLICT DO UPDATE SET epoch = max(epoch, excluded.epoch)`);
    this.atOnce(() => {
      for (const { library, epoch } of epochs) raise.run(library, epoch);
    });
  }

  get installation(): string | null {
    const row = this.#db.prepare("SELECT value FROM meta WHERE key = ?").get(INSTALLATION);
    return (row?.value as string | undefined) ?? null;
  }

  set installation(installation: string | null) {
    if (installation === null) this.#db.prepare("DELETE FROM meta WHERE key = ?").run(INSTALLATION);
    else this.#db.prepare("REPLACE INTO meta (key, value) VALUES (?, ?)").run(INSTALLATION, installation);
  }

  atOnce<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const value = work();
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
