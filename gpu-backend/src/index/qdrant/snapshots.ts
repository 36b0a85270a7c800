// Takes and restores snapshots: the server's own, one of each of a generation's collections. The references' snapshot is
// taken first and decides what is in; frames that the other one lacks are made anew from it.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { ProblemError } from "@twinframe/shared/problem";
import type { SnapshotInfo, StoreWork } from "../index-store.ts";
import {
  createUnlessThere,
  exists,
  type GenerationMetadata,
  metadataOf,
  setMetadata,
} from "./collections.ts";
import { type Connection, refusalOf, statusOf } from "./connection.ts";
import { PARTS, type Part } from "./names.ts";
import { repairFrames } from "./repair-frames.ts";
import { SnapshotCatalogue, type StoredPart, type StoredSnapshot } from "./snapshot-catalogue.ts";
import { StatePoints } from "./state-points.ts";

const POLL_MS = 500;
/** Transfers between nodes begin a moment after a recovery. */
const SETTLED_POLLS = 6;

export class QdrantSnapshots {
  readonly #connection: Connection;
  readonly #catalogue: SnapshotCatalogue;

  constructor(connection: Connection, prefix: string) {
    this.#connection = connection;
    this.#catalogue = new SnapshotCatalogue(connection, prefix);
  }

  async list(): Promise<SnapshotInfo[]> {
    return (await this.#catalogue.all()).map(infoOf);
  }

  /** Idempotent by id. `references` is how many there are. */
  async take(
    id: string,
    { generation, model, dims }: GenerationMetadata,
    source: { collection: (part: Part) => string; references: number },
    { onProgress, signal }: StoreWork,
  ): Promise<SnapshotInfo> {
    const there = await this.#catalogue.find(id);
    if (there) return infoOf(there);
    const parts: Partial<Record<Part, StoredPart>> = {};
    let bytes = 0;
    for (const part of ["references", "frames"] as const) {
      signal?.throwIfAborted();
      const collection = source.collection(part);
      await this.#requireAllShards(collection);
      const made = await this.#connection.callSlowly((client) => client.createSnapshot(collection));
      if (!made) throw new Error(`the server gave no snapshot of ${collection}`);
      parts[part] = { collection, snapshot: made.name, checksum: made.checksum ?? null };
      bytes += made.size;
      onProgress?.(part === "references" ? 0.3 : 0.95);
    }
    const stored: StoredSnapshot = {
      id,
      generation,
      model,
      references: source.references,
      bytes,
      createdAt: new Date().toISOString(),
      dims,
      parts: parts as Record<Part, StoredPart>,
    };
    await this.#catalogue.add(stored);
    return infoOf(stored);
  }

  /** A node's snapshot has the node's shards alone: one that lacks some would appear whole. */
  async #requireAllShards(collection: string): Promise<void> {
    const info = await this.#connection.call((client) => client.collectionClusterInfo(collection));
    const active = info.local_shards.filter(({ state }) => state === "Active").length;
    if (active < info.shard_count)
      throw new ProblemError(
        "index_unavailable",
        `The Qdrant node that was asked has ${active} of ${info.shard_count} shards; take snapshots with as many replicas as there are nodes.`,
      );
  }

  /** Waits until the other nodes of a cluster have their copies, which they get after the answer. */
  async #requireReplicas(collection: string, signal?: AbortSignal): Promise<void> {
    const end = performance.now() + this.#connection.settings.snapshotTimeoutMs;
    for (let settled = 0; settled < SETTLED_POLLS; ) {
      signal?.throwIfAborted();
      if (performance.now() > end) throw new Error(`the replicas of ${collection} did not become active`);
      const { local_shards, remote_shards, shard_transfers } = await this.#connection.call((client) =>
        client.collectionClusterInfo(collection),
      );
      const isWhole =
        shard_transfers.length === 0 &&
        [...local_shards, ...remote_shards].every(({ state }) => state === "Active");
      settled = isWhole ? settled + 1 : 0;
      if (remote_shards.length === 0 && isWhole) return;
      await pause(POLL_MS);
    }
  }

  /** Recovers and verifies it in new collections; returns their revision. */
  async restore(
    id: string,
    target: GenerationMetadata & { revision: string },
    collectionOf: (part: Part, revision: string) => string,
    { jobId, onProgress, signal }: StoreWork,
  ): Promise<string> {
    const stored = await this.#catalogue.find(id);
    if (!stored)
      throw new ProblemError("snapshot_not_found", `There is no snapshot ${id}; list the snapshots first.`);
    const { model, dims } = stored;
    if (model.id !== target.model.id || model.version !== target.model.version || dims !== target.dims)
      throw new ProblemError(
        "model_mismatch",
        `The snapshot ${id} is of model ${model.id}@${model.version}; restore it into a generation of that model.`,
      );
    const revision = `r${randomUUID().slice(0, 8)}`;
    const made = PARTS.map((part) => collectionOf(part, revision));
    try {
      for (const part of PARTS) {
        signal?.throwIfAborted();
        await this.#recover(stored, part, collectionOf(part, revision));
        onProgress?.(part === "frames" ? 0.6 : 0.7);
      }
      for (const name of made) await this.#requireReplicas(name, signal);
      const [frames, references] = made as [string, string];
      const metadata = await metadataOf(this.#connection, references);
      if (metadata?.model.id !== model.id || metadata.model.version !== model.version)
        throw damaged(id, "it holds another model than its record says");
      await repairFrames(this.#connection, { frames, references, dims });
      // Unclaimed until the edge has compared it with its own rows.
      await new StatePoints(this.#connection, references).assignTo(null);
      signal?.throwIfAborted();
      // The copy has the metadata of the generation that it was taken of.
      const { generation, manifest, createdAt } = target;
      const own: GenerationMetadata = { generation, model, manifest, dims, createdAt };
      if (jobId !== undefined) own.restoredBy = jobId;
      for (const name of made) await setMetadata(this.#connection, name, own);
      return revision;
    } catch (error) {
      for (const name of made)
        await this.#connection.call((client) => client.deleteCollection(name)).catch(() => undefined);
      throw error;
    }
  }

  async #recover({ id, parts }: StoredSnapshot, part: Part, into: string): Promise<void> {
    const { collection, snapshot, checksum } = parts[part];
    await this.#reaching(collection, async () => {
      const there = await this.#connection.call((client) => client.listSnapshots(collection));
      if (!there.some(({ name }) => name === snapshot))
        throw damaged(id, `its ${part} are not there any more`);
      const path = `collections/${encodeURIComponent(collection)}/snapshots/${encodeURIComponent(snapshot)}`;
      const { apiKey } = this.#connection.settings;
      try {
        await this.#connection.callSlowly((client) =>
          client.recoverSnapshot(into, {
            location: `${this.#connection.origin}/${path}`,
            priority: "snapshot",
            ...(checksum ? { checksum } : {}),
            ...(apiKey ? { api_key: apiKey } : {}),
          }),
        );
      } catch (error) {
        const isRefused = /checksum|snapshot|archive|tar|deserial|corrupt/i.test(refusalOf(error));
        if (statusOf(error) !== undefined && isRefused)
          throw damaged(id, `its ${part} cannot be read`, error);
        throw error;
      }
    });
  }

  async remove(id: string): Promise<boolean> {
    const stored = await this.#catalogue.find(id);
    if (!stored) return false;
    for (const { collection, snapshot } of Object.values(stored.parts))
      await this.#reaching(collection, () =>
        this.#connection
          .call((client) => client.deleteSnapshot(collection, snapshot))
          .catch((error) => {
            if (statusOf(error) !== 404) throw error;
          }),
      );
    await this.#catalogue.remove(id);
    return true;
  }

  /**
   * The server reaches a snapshot by its collection only, also after the collection was removed by a drop or a restore:
   * an empty collection of that name makes its snapshots reachable for the time of the work.
   */
  async #reaching<T>(collection: string, work: () => Promise<T>): Promise<T> {
    if (await exists(this.#connection, collection)) return work();
    await createUnlessThere(this.#connection, collection, { vectors: {} });
    try {
      return await work();
    } finally {
      await this.#connection.call((client) => client.deleteCollection(collection)).catch(() => undefined);
    }
  }
}

const infoOf = ({ id, generation, model, references, bytes, createdAt }: StoredSnapshot): SnapshotInfo => ({
  id,
  generation,
  model,
  references,
  bytes,
  createdAt,
});

const damaged = (id: string, why: string, cause?: unknown) =>
  new ProblemError("snapshot_damaged", `The snapshot ${id} cannot be restored: ${why}.`, { cause });
