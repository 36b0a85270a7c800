// The embedded index store: one index file a generation in the state folder, and a catalogue of them. An installation
// from before generations has one file, index.sqlite: it is the first generation's, as it lies.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { snapshotIdSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { Generation, IndexStore, SnapshotInfo, StoreWork, WriterProcess } from "../index-store.ts";
import { IndexModelMismatch, type VectorIndex } from "../vector-index.ts";
import { Catalogue, type Filed } from "./catalogue.ts";
import { copyIndex, copySnapshot } from "./copy-index.ts";
import { EmbeddedIndex } from "./embedded-index.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { asProblem, damaged, noGeneration } from "./store-problems.ts";
import { SwappableIndex } from "./swappable-index.ts";

const FIRST_FILE = "index.sqlite";
const CATALOGUE_FILE = "index-catalogue.sqlite";
const GENERATIONS_FOLDER = "generations";
const SNAPSHOTS_FOLDER = "snapshots";

export interface EmbeddedStoreOptions {
  /** The state folder; of one process at a time. */
  folder: string;
  /** Of each generation's vectors in memory. */
  maxBytes: number;
}

export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<IndexStore> {
  await mkdir(join(options.folder, GENERATIONS_FOLDER), { recursive: true });
  const snapshots = new SnapshotFiles(join(options.folder, SNAPSHOTS_FOLDER));
  await snapshots.open();
  const indexStore = new EmbeddedHome(
    options,
    new Catalogue(join(options.folder, CATALOGUE_FILE)),
    snapshots,
  );
  await indexStore.removeLeftovers();
  return indexStore;
}

class EmbeddedHome implements IndexStore {
  readonly kind = "embedded";
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #catalogue: Catalogue;
  readonly #snapshots: SnapshotFiles;
  readonly #open = new Map<string, Promise<SwappableIndex>>();
  /** Of generations that were dropped while somebody was at work on them. */
  readonly #dropped = new Set<Promise<SwappableIndex>>();
  /** One at a time: each needs the room of a whole index. */
  #copying: Promise<unknown> = Promise.resolve();

  constructor({ folder, maxBytes }: EmbeddedStoreOptions, catalogue: Catalogue, snapshots: SnapshotFiles) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#catalogue = catalogue;
    this.#snapshots = snapshots;
  }

  async generations(): Promise<Generation[]> {
    return this.#catalogue.all().map(({ file: _, ...generation }) => generation);
  }

  async open(name: string): Promise<VectorIndex> {
    const known = this.#open.get(name);
    if (known && !(await known).isClosed) return known;
    const generation = this.#catalogue.find(name);
    if (!generation) throw noGeneration(name);
    const opening = this.#openFile(generation).then((index) => new SwappableIndex(index));
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  #openFile({ file, model, dims }: Pick<Filed, "file" | "model" | "dims">): Promise<EmbeddedIndex> {
    return EmbeddedIndex.open({ file: join(this.#folder, file), model, dims, maxBytes: this.#maxBytes });
  }

  async create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void> {
    const { name, model, dims } = generation;
    const existing = this.#catalogue.find(name);
    if (existing) {
      if (
        existing.model.id === model.id &&
        existing.model.version === model.version &&
        existing.dims === dims
      )
        return;
      throw new ProblemError(
        "model_mismatch",
        `The generation "${name}" is of ${existing.model.id}@${existing.model.version}; take another name.`,
      );
    }
    const isLive = this.#catalogue.all().length === 0;
    const file = isLive ? FIRST_FILE : this.#newFile(name);
    // Another model's file of old is refused, before it is named as this one's.
    if (isLive && existsSync(join(this.#folder, file)))
      await (await this.#openFile({ file, model, dims })).close();
    this.#write(() =>
      this.#catalogue.add({ ...generation, isLive, createdAt: new Date().toISOString(), file }),
    );
  }

  async drop(name: string): Promise<void> {
    const generation = this.#catalogue.find(name);
    if (!generation) return;
    if (generation.isLive)
      throw new ProblemError("generation_live", `Switch to another generation before you drop "${name}".`);
    this.#write(() => this.#catalogue.remove(name));
    const open = this.#open.get(name);
    if (open) this.#dropped.add(open);
    this.#open.delete(name);
    // Who has it open goes on reading it until it is closed; the room is free from then on.
    await this.removeLeftovers();
  }

  async switchTo(name: string): Promise<void> {
    if (!this.#catalogue.find(name)) throw noGeneration(name);
    this.#write(() => this.#catalogue.makeLive(name));
  }

  snapshots(): Promise<SnapshotInfo[]> {
    return this.#snapshots.list();
  }

  takeSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<SnapshotInfo> {
    return this.#inTurn(() => this.#take(snapshotIdSchema.parse(id), generation, work));
  }

  async #take(id: string, generation: string, work: StoreWork): Promise<SnapshotInfo> {
    const existing = await this.#snapshots.find(id);
    if (existing) return existing.info;
    const filed = this.#catalogue.find(generation);
    if (!filed) throw noGeneration(generation);
    work.signal?.throwIfAborted();
    const { file, model, dims } = filed;
    const draft = this.#snapshots.draftOf(id);
    await this.#snapshots.removeDraft(id);
    // A generation that nobody has opened yet has no file.
    if (!existsSync(join(this.#folder, file))) await this.open(generation);
    try {
      const from = join(this.#folder, file);
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

  restoreSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<void> {
    return this.#inTurn(() => this.#restore(id, generation, work));
  }

  async #restore(id: string, generation: string, work: StoreWork): Promise<void> {
    const { jobId, signal } = work;
    if (jobId !== undefined && this.#catalogue.hasRestored(jobId)) return;
    const filed = this.#catalogue.find(generation);
    if (!filed) throw noGeneration(generation);
    const snapshot = await this.#snapshots.find(id);
    if (!snapshot) throw new ProblemError("snapshot_not_found", `There is no snapshot "${id}".`);
    const { model } = snapshot.info;
    if (model.id !== filed.model.id || model.version !== filed.model.version)
      throw new ProblemError(
        "model_mismatch",
        `The snapshot is of ${model.id}@${model.version}, the generation of ${filed.model.id}@${filed.model.version}.`,
      );
    const file = this.#newFile(generation);
    const path = join(this.#folder, file);
    this.#write(() => this.#catalogue.addLeftover(file));
    try {
      await copySnapshot(snapshot, path, { model: filed.model, dims: filed.dims }, work);
      const known = await this.#open.get(generation);
      const commit = () => this.#write(() => this.#catalogue.replaceFile(generation, file, jobId));
      // Opened before anything is replaced: what cannot be opened is never in force.
      const restored =
        known && !known.isClosed ? await openRestored(() => this.#openFile({ ...filed, file })) : null;
      try {
        signal?.throwIfAborted();
        if (!this.#catalogue.find(generation)) throw noGeneration(generation);
        if (known && restored) await known.swap(restored, commit);
        else commit();
      } catch (error) {
        await restored?.close();
        throw error;
      }
    } catch (error) {
      throw asProblem(error, signal);
    } finally {
      await this.removeLeftovers();
    }
  }

  async deleteSnapshot(id: string): Promise<boolean> {
    if (!snapshotIdSchema.safeParse(id).success) return false;
    return this.#inTurn(() => this.#snapshots.remove(id));
  }

  async writers(): Promise<WriterProcess[]> {
    return [];
  }

  async close(): Promise<void> {
    await this.#copying;
    for (const opening of [...this.#open.values(), ...this.#dropped])
      await opening.then((index) => index.close()).catch(() => {});
    this.#open.clear();
    this.#catalogue.close();
  }

  /** Files that no generation names: what a crash, a drop or a restore left. Fails at nothing: it comes again. */
  async removeLeftovers(): Promise<void> {
    for (const file of this.#catalogue.leftovers())
      try {
        for (const suffix of ["", "-wal", "-shm", "-journal"])
          await rm(join(this.#folder, file + suffix), { force: true });
        this.#catalogue.removeLeftover(file);
      } catch {
        // The disk is so full that not even this can be written down.
      }
  }

  /** Never the name of a file that was: its index may still be open. */
  #newFile(generation: string): string {
    return join(GENERATIONS_FOLDER, `${generation}-${randomBytes(4).toString("hex")}.sqlite`);
  }

  #write(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw asProblem(error);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#copying.then(work);
    this.#copying = mine.catch(() => {});
    return mine;
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
