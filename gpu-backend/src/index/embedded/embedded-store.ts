// The embedded index store: one index file a generation in the state folder, and a catalogue of them. An installation
// from before generations has one file, index.sqlite: it becomes the first generation's, unchanged.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ProblemError } from "@twinframe/shared/problem";
import type { Generation, IndexStore, SnapshotInfo, StoreWork, WriterProcess } from "../index-store.ts";
import type { VectorIndex } from "../vector-index.ts";
import { Catalogue } from "./catalogue.ts";
import { type EmbeddedStoreOptions, GENERATIONS_FOLDER, GenerationFiles } from "./generation-files.ts";
import { GenerationSnapshots } from "./generation-snapshots.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { SwappableIndex } from "./swappable-index.ts";

const FIRST_FILE = "index.sqlite";
const CATALOGUE_FILE = "index-catalogue.sqlite";
const SNAPSHOTS_FOLDER = "snapshots";

export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<IndexStore> {
  await mkdir(join(options.folder, GENERATIONS_FOLDER), { recursive: true });
  const snapshots = new SnapshotFiles(join(options.folder, SNAPSHOTS_FOLDER));
  await snapshots.open();
  const files = new GenerationFiles(options, new Catalogue(join(options.folder, CATALOGUE_FILE)));
  const indexStore = new EmbeddedStore(files, snapshots);
  await files.removeLeftovers();
  return indexStore;
}

class EmbeddedStore implements IndexStore {
  readonly kind = "embedded";
  readonly #files: GenerationFiles;
  readonly #snapshots: GenerationSnapshots;
  readonly #open = new Map<string, Promise<SwappableIndex>>();
  /** Of generations that were dropped while they were open. */
  readonly #dropped = new Set<Promise<SwappableIndex>>();

  constructor(files: GenerationFiles, snapshots: SnapshotFiles) {
    this.#files = files;
    this.#snapshots = new GenerationSnapshots(files, snapshots, {
      open: (generation) => this.open(generation),
      opened: (generation) => this.#open.get(generation),
    });
  }

  async generations(): Promise<Generation[]> {
    return this.#files.catalogue.all().map(({ file: _, ...generation }) => generation);
  }

  async open(name: string): Promise<VectorIndex> {
    const known = this.#open.get(name);
    if (known && !(await known).isClosed) return known;
    const generation = this.#files.require(name);
    const opening = this.#files.open(generation).then((index) => new SwappableIndex(index));
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  async create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void> {
    const { name, model, dims } = generation;
    const { catalogue } = this.#files;
    const existing = catalogue.find(name);
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
    const isLive = catalogue.all().length === 0;
    const file = isLive ? FIRST_FILE : this.#files.newFile(name);
    // An old file of another model is refused before the catalogue names it as this generation's.
    if (isLive && existsSync(this.#files.pathOf(file)))
      await (await this.#files.open({ file, model, dims })).close();
    const createdAt = new Date().toISOString();
    this.#files.write(() => catalogue.add({ ...generation, isLive, createdAt, file }));
  }

  async drop(name: string): Promise<void> {
    const generation = this.#files.catalogue.find(name);
    if (!generation) return;
    if (generation.isLive)
      throw new ProblemError("generation_live", `Switch to another generation before you drop "${name}".`);
    this.#files.write((catalogue) => catalogue.remove(name));
    const open = this.#open.get(name);
    if (open) this.#dropped.add(open);
    this.#open.delete(name);
    // An open index goes on reading the removed file until it is closed; the room is free from then on.
    await this.#files.removeLeftovers();
  }

  async switchTo(name: string): Promise<void> {
    this.#files.require(name);
    this.#files.write((catalogue) => catalogue.makeLive(name));
  }

  snapshots(): Promise<SnapshotInfo[]> {
    return this.#snapshots.list();
  }

  takeSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<SnapshotInfo> {
    return this.#snapshots.take(id, generation, work);
  }

  restoreSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<void> {
    return this.#snapshots.restore(id, generation, work);
  }

  deleteSnapshot(id: string): Promise<boolean> {
    return this.#snapshots.remove(id);
  }

  async writers(): Promise<WriterProcess[]> {
    return [];
  }

  async close(): Promise<void> {
    await this.#snapshots.settled();
    for (const opening of [...this.#open.values(), ...this.#dropped])
      await opening.then((index) => index.close()).catch(() => {});
    this.#open.clear();
    this.#files.catalogue.close();
  }
}
