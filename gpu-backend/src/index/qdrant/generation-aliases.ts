// Which generations there are and which one is live, as the server's aliases say: one call switches both collections of a
// generation, and one call reads all of it.

import { type GenerationMetadata, metadataOf } from "./collections.ts";
import { type Connection, statusOf } from "./connection.ts";
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

const ABANDONED_AFTER_MS = 600_000;

export interface KnownGeneration extends GenerationMetadata {
  isLive: boolean;
  /** The collections' last part, which a restore changes. */
  revision: string;
}

export class GenerationAliases {
  readonly #connection: Connection;
  readonly #prefix: string;
  /** Of collections by name, which are never changed: only the aliases have to be asked each time. */
  readonly #metadata = new Map<string, GenerationMetadata>();

  constructor(connection: Connection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /** By name. */
  async all(): Promise<KnownGeneration[]> {
    const { aliases } = await this.#connection.call((client) => client.getAliases());
    const live = aliases.find(({ alias_name }) => alias_name === liveAliasOf(this.#prefix, "references"));
    const known: KnownGeneration[] = [];
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

  async find(name: string): Promise<KnownGeneration | null> {
    return (await this.all()).find(({ generation }) => generation === name) ?? null;
  }

  /** The alias by which a generation's collection is asked. */
  aliasOf(name: string, part: Part): string {
    return aliasOf(this.#prefix, name, part);
  }

  collectionOf(name: string, part: Part, revision: string): string {
    return collectionOf(this.#prefix, name, part, revision);
  }

  /** Points the generation's aliases, and those of the live one, at its collections: all at once, or none. */
  async point(name: string, revision: string, isLive: boolean): Promise<void> {
    const { aliases } = await this.#connection.call((client) => client.getAliases());
    const there = new Set(aliases.map(({ alias_name }) => alias_name));
    const actions = PARTS.flatMap((part) => {
      const collection_name = this.collectionOf(name, part, revision);
      const names = [this.aliasOf(name, part), ...(isLive ? [liveAliasOf(this.#prefix, part)] : [])];
      return names.flatMap((alias_name) => [
        ...(there.has(alias_name) ? [{ delete_alias: { alias_name } }] : []),
        { create_alias: { alias_name, collection_name } },
      ]);
    });
    await this.#connection.call((client) => client.updateCollectionAliases({ actions }));
  }

  async remove(name: string): Promise<void> {
    await this.#connection.call((client) =>
      client.updateCollectionAliases({
        actions: PARTS.map((part) => ({ delete_alias: { alias_name: this.aliasOf(name, part) } })),
      }),
    );
  }

  /** What an interrupted drop has left must not come back; what another process is creating may stay. */
  async removeAbandoned(name: string): Promise<void> {
    const collections = PARTS.map((part) => this.collectionOf(name, part, FIRST_REVISION));
    for (const collection of collections) {
      const metadata = await metadataOf(this.#connection, collection);
      if (metadata && Date.now() - Date.parse(metadata.createdAt) > ABANDONED_AFTER_MS)
        return this.removeCollections(name, null);
    }
  }

  /** Also what interrupted restores and creations have left. */
  async removeCollections(name: string, exceptRevision: string | null): Promise<void> {
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

  async #metadataOf(collection: string): Promise<GenerationMetadata | null> {
    const cached = this.#metadata.get(collection);
    if (cached) return cached;
    const metadata = await metadataOf(this.#connection, collection);
    if (metadata) this.#metadata.set(collection, metadata);
    return metadata;
  }
}
