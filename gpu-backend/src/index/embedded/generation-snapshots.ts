// Takes and restores snapshots of an embedded index store's generations.

import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { snapshotIdSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { SnapshotInfo, StoreWork } from "../index-store.ts";
import { IndexModelMismatch } from "../vector-index.ts";
import { copyIndex, copySnapshot } from "./copy-index.ts";
import type { EmbeddedIndex } from "./embedded-index.ts";
import type { GenerationFiles } from "./generation-files.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import { asProblem, damaged } from "./store-problems.ts";
import type { SwappableIndex } from "./swappable-index.ts";

/** The store's open indexes. */
export interface OpenIndexes {
  open(generation: string): Promise<unknown>;
  /** Undefined for a generation that is not open. */
  opened(generation: string): Promise<SwappableIndex> | undefined;
}

export class GenerationSnapshots {
  readonly #files: GenerationFiles;
  readonly #snapshots: SnapshotFiles;
  readonly #indexes: OpenIndexes;
  /** One copy at a time: each needs the room of a whole index. */
  #copying: Promise<unknown> = Promise.resolve();

  constructor(files: GenerationFiles, snapshots: SnapshotFiles, indexes: OpenIndexes) {
    this.#files = files;
    this.#snapshots = snapshots;
    this.#indexes = indexes;
  }

  list(): Promise<SnapshotInfo[]> {
    return this.#snapshots.list();
  }

  take(id: string, generation: string, work: StoreWork): Promise<SnapshotInfo> {
    return this.#inTurn(() => this.#take(snapshotIdSchema.parse(id), generation, work));
  }

  restore(id: string, generation: string, work: StoreWork): Promise<void> {
    return this.#inTurn(() => this.#restore(id, generation, work));
  }

  async remove(id: string): Promise<boolean> {
    if (!snapshotIdSchema.safeParse(id).success) return false;
    return this.#inTurn(() => this.#snapshots.remove(id));
  }

  /** Resolves when no copy is under way. */
  async settled(): Promise<void> {
    await this.#copying;
  }

  async #take(id: string, generation: string, work: StoreWork): Promise<SnapshotInfo> {
    const existing = await this.#snapshots.find(id);
    if (existing) return existing.info;
    const { file, model, dims } = this.#files.require(generation);
    work.signal?.throwIfAborted();
    const draft = this.#snapshots.draftOf(id);
    await this.#snapshots.removeDraft(id);
    const from = this.#files.pathOf(file);
    // A generation that was never opened has no file yet.
    if (!existsSync(from)) await this.#indexes.open(generation);
    try {
      const { references, sha256 } = await copyIndex(from, draft, { model, dims }, work);
      const { size: bytes } = await stat(draft);
      const info = { id, generation, model, references, bytes, createdAt: new Date().toISOString() };
      await this.#snapshots.keep(info, sha256);
      return info;
    } catch (error) {
      await this.#snapshots.removeDraft(id);
      throw asProblem(error, work.signal);
    }
  }

  async #restore(id: string, generation: string, work: StoreWork): Promise<void> {
    const { jobId, signal } = work;
    if (jobId !== undefined && this.#files.catalogue.hasRestored(jobId)) return;
    const filed = this.#files.require(generation);
    const snapshot = await this.#snapshots.find(id);
    if (!snapshot) throw new ProblemError("snapshot_not_found", `There is no snapshot "${id}".`);
    const { model } = snapshot.info;
    if (model.id !== filed.model.id || model.version !== filed.model.version)
      throw new ProblemError(
        "model_mismatch",
        `The snapshot is of ${model.id}@${model.version}, the generation of ${filed.model.id}@${filed.model.version}.`,
      );
    const file = this.#files.newFile(generation);
    this.#files.write((catalogue) => catalogue.addLeftover(file));
    try {
      const identity = { model: filed.model, dims: filed.dims };
      await copySnapshot(snapshot, this.#files.pathOf(file), identity, work);
      const known = await this.#indexes.opened(generation);
      const commit = () => this.#files.write((catalogue) => catalogue.replaceFile(generation, file, jobId));
      // Opened before anything is replaced: what cannot be opened is never in force.
      const restored =
        known && !known.isClosed ? await openRestored(() => this.#files.open({ ...filed, file })) : null;
      try {
        signal?.throwIfAborted();
        this.#files.require(generation);
        if (known && restored) await known.swap(restored, commit);
        else commit();
      } catch (error) {
        await restored?.close();
        throw error;
      }
    } catch (error) {
      throw asProblem(error, signal);
    } finally {
      await this.#files.removeLeftovers();
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#copying.then(work);
    this.#copying = result.catch(() => {});
    return result;
  }
}

async function openRestored(openIt: () => Promise<EmbeddedIndex>): Promise<EmbeddedIndex> {
  try {
    return await openIt();
  } catch (error) {
    if (error instanceof IndexModelMismatch) throw error;
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}
