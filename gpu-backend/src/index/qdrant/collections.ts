// How a generation's two collections are made. References are the truth; frames are what searches go through and
// can be made anew from them.

import type { Schemas } from "@qdrant/js-client-rest";
import type { ModelIdentity } from "@twinframe/shared/contract";
import { type Connection, statusOf } from "./connection.ts";
import { collectionOf, PARTS, type Part } from "./names.ts";

/** Kept with the collections, and with their snapshots. */
export interface GenerationMetadata {
  generation: string;
  model: ModelIdentity;
  manifest: string;
  dims: number;
  createdAt: string;
  /** The job that restored it from a snapshot. */
  restoredBy?: string;
}

/**
 * Every search is within one library, so links are only made among frames of the same one: no links of the whole
 * (m = 0), those of each library that is large enough for links (payload_m). Smaller ones are searched in full.
 */
const HNSW = { m: 0, payload_m: 32, ef_construct: 256, on_disk: false };
const QUANTIZATION = { scalar: { type: "int8", quantile: 0.99, always_ram: true } } as const;
/** One segment a core of the machines that this is for; kB of vectors from which a segment gets links. */
const OPTIMIZERS = { default_segment_number: 2, indexing_threshold: 10_000 };

type IndexParameters = Schemas["PayloadSchemaParams"];
const keyword = (more: object = {}): IndexParameters => ({ type: "keyword", enable_hnsw: false, ...more });
const PAYLOAD_INDEXES: Record<Part, Record<string, IndexParameters>> = {
  frames: {
    library: keyword({ is_tenant: true, enable_hnsw: true }),
    tenant: keyword({ on_disk: true }),
    entry: keyword({ on_disk: true }),
    out: { type: "bool", enable_hnsw: false },
    written_s: { type: "integer", lookup: false, range: true, on_disk: true, enable_hnsw: false },
  },
  references: {
    library: keyword({ is_tenant: true }),
    tenant: keyword(),
    entry: keyword({ on_disk: true }),
    sha256: keyword({ on_disk: true }),
    packets_sha256: keyword({ on_disk: true }),
    state: keyword({ on_disk: true }),
    state_tenant: keyword({ on_disk: true }),
    // What stats and libraries are counted by: how many references have so many frames, in all and by library.
    frames: { type: "integer", lookup: true, range: true, enable_hnsw: false },
    tally: keyword({ on_disk: true }),
  },
};

/** May be called again after a crash at any point, and by two processes at once. */
export async function createCollections(
  connection: Connection,
  prefix: string,
  revision: string,
  metadata: GenerationMetadata,
): Promise<void> {
  const { shards, replicas, writeConsistency } = connection.settings;
  for (const part of PARTS) {
    const name = collectionOf(prefix, metadata.generation, part, revision);
    await createUnlessThere(connection, name, {
      vectors: part === "frames" ? { size: metadata.dims, distance: "Cosine", on_disk: true } : {},
      ...(part === "frames" ? { hnsw_config: HNSW, quantization_config: QUANTIZATION } : {}),
      optimizers_config: OPTIMIZERS,
      on_disk_payload: true,
      shard_number: shards,
      replication_factor: replicas,
      write_consistency_factor: writeConsistency,
      metadata: { twinframe: metadata },
    });
    await createIndexes(connection, name, part);
  }
}

/** Those that are missing: a collection may be from before one of them. */
export async function createIndexes(connection: Connection, name: string, part: Part): Promise<void> {
  const { payload_schema: there } = await connection.call((client) => client.getCollection(name));
  for (const [field_name, field_schema] of Object.entries(PAYLOAD_INDEXES[part]))
    if (there?.[field_name] === undefined)
      await connection.call((client) =>
        client.createPayloadIndex(name, { field_name, field_schema, wait: true }),
      );
}

export async function createUnlessThere(
  connection: Connection,
  name: string,
  parameters: Schemas["CreateCollection"],
): Promise<void> {
  try {
    // Not the client's own method: that one leaves the metadata out.
    await connection.call((client) =>
      client.api().createCollection({ collection_name: name, ...parameters }),
    );
  } catch (error) {
    const isThere = statusOf(error) === 409 || (statusOf(error) === 400 && (await exists(connection, name)));
    if (!isThere) throw error;
  }
}

export async function exists(connection: Connection, name: string): Promise<boolean> {
  return (await connection.call((client) => client.collectionExists(name))).exists;
}

/** Null when the collection is not there. */
export async function metadataOf(connection: Connection, name: string): Promise<GenerationMetadata | null> {
  try {
    const { config } = await connection.call((client) => client.getCollection(name));
    const metadata = config.metadata as { twinframe?: GenerationMetadata } | null | undefined;
    return metadata?.twinframe ?? null;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

export async function setMetadata(
  connection: Connection,
  name: string,
  metadata: GenerationMetadata,
): Promise<void> {
  await connection.call((client) => client.updateCollection(name, { metadata: { twinframe: metadata } }));
}
