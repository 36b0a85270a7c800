// Where the Qdrant server is and how collections are made on it.

export interface QdrantSettings {
  /** Of the server or of a load balancer before the nodes of a cluster. */
  url: string;
  apiKey?: string | undefined;
  /** All collections' names start with it. Lower-case letters, digits and hyphens. */
  prefix: string;
  /** Of collections that are made from now on; those that are there keep what they have. */
  shards: number;
  replicas: number;
  /** Replicas that must have a write before it counts. */
  writeConsistency: number;
  /** How many frames a search keeps in view while it walks the links (`hnsw_ef`): recall, and time in proportion. */
  searchWidth: number;
  /** For one attempt of a request. */
  timeoutMs: number;
  /** For taking or restoring a snapshot. */
  snapshotTimeoutMs: number;
}

export const DEFAULT_QDRANT_SETTINGS: Omit<QdrantSettings, "url"> = {
  prefix: "twinframe",
  shards: 1,
  replicas: 1,
  writeConsistency: 1,
  searchWidth: 400,
  timeoutMs: 10_000,
  snapshotTimeoutMs: 3_600_000,
};
