// The catalogue of snapshots: a collection with a point each, under an id of ours, that names the server's own snapshots
// of a generation's two collections.

import { createHash } from "node:crypto";
import type { SnapshotInfo } from "../index-store.ts";
import { createUnlessThere } from "./collections.ts";
import { type Connection, statusOf } from "./connection.ts";
import { type Part, snapshotCatalogueOf } from "./names.ts";
import { requireApplied, WRITE } from "./writing.ts";

const MOST_SNAPSHOTS = 1_000;

export interface StoredPart {
  collection: string;
  snapshot: string;
  checksum: string | null;
}

export interface StoredSnapshot extends SnapshotInfo {
  dims: number;
  parts: Record<Part, StoredPart>;
}

export class SnapshotCatalogue {
  readonly #connection: Connection;
  readonly #collection: string;

  constructor(connection: Connection, prefix: string) {
    this.#connection = connection;
    this.#collection = snapshotCatalogueOf(prefix);
  }

  /** The oldest first. */
  async all(): Promise<StoredSnapshot[]> {
    try {
      const { points } = await this.#connection.call((client) =>
        client.scroll(this.#collection, { limit: MOST_SNAPSHOTS }),
      );
      return points
        .map(({ payload }) => payload as unknown as StoredSnapshot)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    } catch (error) {
      if (statusOf(error) === 404) return []; // None was ever taken.
      throw error;
    }
  }

  async find(id: string): Promise<StoredSnapshot | undefined> {
    return (await this.all()).find((one) => one.id === id);
  }

  async add(stored: StoredSnapshot): Promise<void> {
    await createUnlessThere(this.#connection, this.#collection, {
      vectors: {},
      replication_factor: this.#connection.settings.replicas,
      write_consistency_factor: this.#connection.settings.writeConsistency,
    });
    await this.#connection.call(async (client) =>
      requireApplied(
        await client.upsert(this.#collection, {
          ...WRITE,
          points: [{ id: pointOf(stored.id), vector: {}, payload: { ...stored } }],
        }),
      ),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#connection.call(async (client) =>
      requireApplied(await client.delete(this.#collection, { ...WRITE, points: [pointOf(id)] })),
    );
  }
}

function pointOf(id: string): string {
  const hex = createHash("sha256").update(`snapshot:${id}`).digest("hex");
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
