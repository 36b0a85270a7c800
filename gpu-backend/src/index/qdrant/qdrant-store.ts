// All generations of an installation on one Qdrant server or cluster. What there is, and which one is live, is
// written in the server's aliases: one call switches both collections, and one call tells it.

import { ProblemError } from "@twinframe/shared/problem";
import type { Generation, IndexStore, SnapshotInfo, StoreWork, WriterProcess } from "../index-store.ts";
import type { VectorIndex } from "../vector-index.ts";
import { Backends } from "./backends.ts";
import { createCollections, createIndexes, type GenerationMetadata, metadataOf } from "./collections.ts";
import { Connection, statusOf, unavailable } from "./connection.ts";
import {
  aliasOf,
  collectionOf,
  FIRST_REVISION,
  generationOfAlias,
  liveAliasOf,
  PARTS,
  type Part,
  partsOfCollection,
} from "./names.ts";
import { QdrantIndex } from "./qdrant-index.ts";
import type { QdrantSettings } from "./settings.ts";
import { QdrantSnapshots } from "./snapshots.ts";

const ABANDONED_AFTER_MS = 600_000;

/** The one way to open it: answers when the server does, and has been told to the others that write there. */
export async function openQdrantStore(settings: QdrantSettings): Promise<IndexStore> {
  const indexStore = new QdrantHome(settings);
  await indexStore.join();
  return indexStore;
}

interface Known extends GenerationMetadata {
  isLive: boolean;
  /** The collections' last part, which a restore changes. */
  revision: string;
}

class QdrantHome implements IndexStore {
  readonly kind = "qdrant";
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #snapshots: QdrantSnapshots;
  readonly #backends: Backends;
  /** Of collections by name, which are never changed: only the aliases have to be asked each time. */
  readonly #metadata = new Map<string, GenerationMetadata>();
  readonly #indexes = new Map<string, VectorIndex>();

  constructor(settings: QdrantSettings) {
    this.#connection = new Connection(settings);
    this.#prefix = settings.prefix;
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
    return (await this.#known()).map(({ generation, model, manifest, dims, isLive, createdAt }) => ({
      name: generation,
      model,
      manifest,
      dims,
      isLive,
      createdAt,
    }));
  }

  async #known(): Promise<Known[]> {
    const { aliases } = await this.#connection.call((client) => client.getAliases());
    const live = aliases.find(({ alias_name }) => alias_name === liveAliasOf(this.#prefix, "references"));
    const known: Known[] = [];
    for (const { alias_name, collection_name } of aliases) {
      const generation = generationOfAlias(this.#prefix, alias_name);
      const metadata = generation === null ? null : await this.#metadataOf(collection_name);
      const revision = partsOfCollection(this.#prefix, collection_name)?.revision;
      if (generation === null || !metadata || revision === undefined) continue;
      known.push({
        ...metadata,
        isLive: collection_name === live?.collection_name,
        revision,
      });
    }
    return known.sort((a, b) => (a.generation < b.generation ? -1 : 1));
  }

  async #metadataOf(collection: string): Promise<GenerationMetadata | null> {
    const remembered = this.#metadata.get(collection);
    if (remembered) return remembered;
    const metadata = await metadataOf(this.#connection, collection);
    if (metadata) this.#metadata.set(collection, metadata);
    return metadata;
  }

  async #require(name: string): Promise<Known> {
    const known = (await this.#known()).find(({ generation }) => generation === name);
    if (!known) {
      this.#indexes.delete(name);
      throw new ProblemError("generation_not_found", `The index has no generation ${name}; list them first.`);
    }
    return known;
  }

  async open(name: string): Promise<VectorIndex> {
    const { model, dims, revision } = await this.#require(name);
    const opened = this.#indexes.get(name);
    if (opened && sameModel(opened, { model, dims })) return opened;
    for (const part of PARTS)
      await createIndexes(this.#connection, this.#collection(name, part, revision), part);
    const [frames, references] = PARTS.map((part) => aliasOf(this.#prefix, name, part)) as [string, string];
    const index = new QdrantIndex({ connection: this.#connection, frames, references, model, dims });
    this.#indexes.set(name, index);
    return index;
  }

  async create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void> {
    const { name, model, manifest, dims } = generation;
    const all = await this.#known();
    const there = all.find((one) => one.generation === name);
    if (there) return requireModel(there, generation);
    await this.#removeAbandoned(name);
    const metadata = { generation: name, model, manifest, dims, createdAt: new Date().toISOString() };
    await createCollections(this.#connection, this.#prefix, FIRST_REVISION, metadata);
    // What an attempt that was cut short has left may be of another model.
    const made = await metadataOf(this.#connection, this.#collection(name, "references", FIRST_REVISION));
    if (made) requireModel(made, generation);
    await this.#point(name, FIRST_REVISION, !all.some(({ isLive }) => isLive));
  }

  async drop(name: string): Promise<void> {
    const there = (await this.#known()).find(({ generation }) => generation === name);
    if (there?.isLive)
      throw new ProblemError(
        "generation_live",
        `${name} answers now; switch to another one before you drop it.`,
      );
    this.#indexes.delete(name);
    if (there)
      await this.#connection.call((client) =>
        client.updateCollectionAliases({
          actions: PARTS.map((part) => ({ delete_alias: { alias_name: aliasOf(this.#prefix, name, part) } })),
        }),
      );
    await this.#removeCollections(name, null);
  }

  async switchTo(name: string): Promise<void> {
    await this.#point(name, (await this.#require(name)).revision, true);
  }

  async snapshots(): Promise<SnapshotInfo[]> {
    return guarded(() => this.#snapshots.list());
  }

  async takeSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<SnapshotInfo> {
    const known = await this.#require(generation);
    const { references } = await (await this.open(generation)).stats();
    const collection = (part: Part) => this.#collection(generation, part, known.revision);
    return guarded(() => this.#snapshots.take(id, known, { collection, references }, work));
  }

  async restoreSnapshot(id: string, generation: string, work: StoreWork = {}): Promise<void> {
    const known = await this.#require(generation);
    if (work.jobId !== undefined && known.restoredBy === work.jobId) return;
    await guarded(async () => {
      // What an attempt that was cut short has left.
      await this.#removeCollections(generation, known.revision);
      const revision = await this.#snapshots.restore(
        id,
        known,
        (part, next) => this.#collection(generation, part, next),
        work,
      );
      await this.#point(generation, revision, (await this.#require(generation)).isLive);
      await this.#removeCollections(generation, revision);
    });
  }

  async deleteSnapshot(id: string): Promise<boolean> {
    return guarded(() => this.#snapshots.remove(id));
  }

  async close(): Promise<void> {
    await this.#backends.leave();
    this.#indexes.clear();
  }

  #collection(name: string, part: Part, revision: string): string {
    return collectionOf(this.#prefix, name, part, revision);
  }

  /** The generation's names, and those of the live one, at its collections: all at once, or none. */
  async #point(name: string, revision: string, isLive: boolean): Promise<void> {
    const { aliases } = await this.#connection.call((client) => client.getAliases());
    const there = new Set(aliases.map(({ alias_name }) => alias_name));
    const actions = PARTS.flatMap((part) => {
      const collection_name = this.#collection(name, part, revision);
      const names = [aliasOf(this.#prefix, name, part), ...(isLive ? [liveAliasOf(this.#prefix, part)] : [])];
      return names.flatMap((alias_name) => [
        ...(there.has(alias_name) ? [{ delete_alias: { alias_name } }] : []),
        { create_alias: { alias_name, collection_name } },
      ]);
    });
    await this.#connection.call((client) => client.updateCollectionAliases({ actions }));
  }

  /** What a drop that was cut short has left must not come back; what another process just makes may stay. */
  async #removeAbandoned(name: string): Promise<void> {
    const collections = PARTS.map((part) => this.#collection(name, part, FIRST_REVISION));
    for (const collection of collections) {
      const metadata = await metadataOf(this.#connection, collection);
      if (metadata && Date.now() - Date.parse(metadata.createdAt) > ABANDONED_AFTER_MS)
        return this.#removeCollections(name, null);
    }
  }

  /** Also what restores and creations that were cut short have left. */
  async #removeCollections(name: string, exceptRevision: string | null): Promise<void> {
    const { collections } = await this.#connection.call((client) => client.getCollections());
    for (const { name: collection } of collections) {
      const parts = partsOfCollection(this.#prefix, collection);
      if (parts?.generation !== name || parts.revision === exceptRevision) continue;
      this.#metadata.delete(collection);
      await this.#connection
        .call((client) => client.deleteCollection(collection))
        .catch((error) => {
          if (statusOf(error) !== 404) throw error;
        });
    }
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
