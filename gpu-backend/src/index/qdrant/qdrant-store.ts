// The index store on one Qdrant server or cluster: all generations of an installation, and their snapshots.

import { ProblemError } from "@twinframe/shared/problem";
import type { Generation, IndexStore, SnapshotInfo, StoreWork, WriterProcess } from "../index-store.ts";
import type { VectorIndex } from "../vector-index.ts";
import { Backends } from "./backends.ts";
import { createCollections, createIndexes, metadataOf } from "./collections.ts";
import { Connection, unavailable } from "./connection.ts";
import { GenerationAliases, type KnownGeneration } from "./generation-aliases.ts";
import { FIRST_REVISION, PARTS, type Part } from "./names.ts";
import { QdrantIndex } from "./qdrant-index.ts";
import type { QdrantSettings } from "./settings.ts";
import { QdrantSnapshots } from "./snapshots.ts";

/** Resolves when the server answers and this process is registered as a writer. */
export async function openQdrantStore(settings: QdrantSettings): Promise<IndexStore> {
  const indexStore = new QdrantStore(settings);
  await indexStore.join();
  return indexStore;
}

class QdrantStore implements IndexStore {
  readonly kind = "qdrant";
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #aliases: GenerationAliases;
  readonly #snapshots: QdrantSnapshots;
  readonly #backends: Backends;
  readonly #indexes = new Map<string, VectorIndex>();

  constructor(settings: QdrantSettings) {
    this.#connection = new Connection(settings);
    this.#prefix = settings.prefix;
    this.#aliases = new GenerationAliases(this.#connection, this.#prefix);
    this.#snapshots = new QdrantSnapshots(this.#connection, this.#prefix);
    this.#backends = new Backends(this.#connection, this.#prefix);
  }

  async join(): Promise<void> {
    await this.generations();
    await this.#backends.join();
  }

  writers(): Promise<WriterProcess[]> {
    return guarded(() => this.#backends.list());
  }

  async generations(): Promise<Generation[]> {
    return (await this.#aliases.all()).map(({ generation, model, manifest, dims, isLive, createdAt }) => ({
      name: generation,
      model,
      manifest,
      dims,
      isLive,
      createdAt,
    }));
  }

  /** Throws `generation_not_found`, and forgets the open index of a generation that was dropped. */
  async #require(name: string): Promise<KnownGeneration> {
    const known = await this.#aliases.find(name);
    if (known) return known;
    this.#indexes.delete(name);
    throw new ProblemError("generation_not_found", `The index has no generation ${name}; list them first.`);
  }

  async open(name: string): Promise<VectorIndex> {
    const { model, dims, revision } = await this.#require(name);
    const opened = this.#indexes.get(name);
    if (opened && sameModel(opened, { model, dims })) return opened;
    for (const part of PARTS)
      await createIndexes(this.#connection, this.#aliases.collectionOf(name, part, revision), part);
    const [frames, references] = PARTS.map((part) => this.#aliases.aliasOf(name, part)) as [string, string];
    const index = new QdrantIndex({ connection: this.#connection, frames, references, model, dims });
    this.#indexes.set(name, index);
    return index;
  }

  async create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void> {
    const { name, model, manifest, dims } = generation;
    const all = await this.#aliases.all();
    const there = all.find((one) => one.generation === name);
    if (there) return requireModel(there, generation);
    await this.#aliases.removeAbandoned(name);
    const metadata = { generation: name, model, manifest, dims, createdAt: new Date().toISOString() };
    await createCollections(this.#connection, this.#prefix, FIRST_REVISION, metadata);
    // What an interrupted attempt has left may be of another model.
    const references = this.#aliases.collectionOf(name, "references", FIRST_REVISION);
    const made = await metadataOf(this.#connection, references);
    if (made) requireModel(made, generation);
    await this.#aliases.point(name, FIRST_REVISION, !all.some(({ isLive }) => isLive));
  }

  async drop(name: string): Promise<void> {
    const there = await this.#aliases.find(name);
    if (there?.isLive)
      throw new ProblemError(
        "generation_live",
        `${name} answers now; switch to another one before you drop it.`,
      );
    this.#indexes.delete(name);
    if (there) await this.#aliases.remove(name);
    await this.#aliases.removeCollections(name, null);
  }

  async switchTo(name: string): Promise<void> {
    await this.#aliases.point(name, (await this.#require(name)).revision, true);
  }

  async snapshots(): Promise<SnapshotInfo[]> {
    return guarded(() => this.#snapshots.list());
  }

  async takeSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<SnapshotInfo> {
    const known = await this.#require(generation);
    const { references } = await (await this.open(generation)).stats();
    const collection = (part: Part) => this.#aliases.collectionOf(generation, part, known.revision);
    return guarded(() => this.#snapshots.take(id, known, { collection, references }, work));
  }

  async restoreSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<void> {
    const known = await this.#require(generation);
    if (work.jobId !== undefined && known.restoredBy === work.jobId) return;
    await guarded(async () => {
      // What an interrupted attempt has left.
      await this.#aliases.removeCollections(generation, known.revision);
      const revision = await this.#snapshots.restore(
        id,
        known,
        (part, next) => this.#aliases.collectionOf(generation, part, next),
        work,
      );
      await this.#aliases.point(generation, revision, (await this.#require(generation)).isLive);
      await this.#aliases.removeCollections(generation, revision);
    });
  }

  async deleteSnapshot(id: string): Promise<boolean> {
    return guarded(() => this.#snapshots.remove(id));
  }

  async close(): Promise<void> {
    await this.#backends.leave();
    this.#indexes.clear();
  }
}

type Described = Pick<Generation, "model" | "dims">;

const sameModel = (a: Described, b: Described) =>
  a.model.id === b.model.id && a.model.version === b.model.version && a.dims === b.dims;

function requireModel(there: Described, wanted: Described & { name: string }): void {
  if (sameModel(there, wanted)) return;
  const text = ({ model, dims }: Described) => `model ${model.id}@${model.version} with ${dims} dims`;
  throw new ProblemError(
    "model_mismatch",
    `The generation ${wanted.name} was made by ${text(there)}, not by ${text(wanted)}; give the new one another name.`,
  );
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}
