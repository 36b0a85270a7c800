// The port of an index store, which holds an installation's indexes. One index is one generation: all references as one
// model describes them. One generation is live and answers; the others get every write, too, so that they can be made
// live, or live again.

import type { ModelIdentity } from "@twinframe/shared/contract";
import type { VectorIndex } from "./vector-index.ts";

export interface Generation {
  /** Lower-case letters, digits and hyphens. */
  name: string;
  model: ModelIdentity;
  /** The manifest to load the model by: a folder of models/, or a path. */
  manifest: string;
  dims: number;
  isLive: boolean;
  /** ISO 8601. */
  createdAt: string;
}

export interface SnapshotInfo {
  id: string;
  /** The generation that it is a copy of, and its model. */
  generation: string;
  model: ModelIdentity;
  references: number;
  bytes: number;
  createdAt: string;
}

/** The job, the progress and the abort of long work. */
export interface StoreWork {
  /** Repeated by the same job, work that has been done does nothing. */
  jobId?: string;
  /** 0 … 1. */
  onProgress?(fraction: number): void;
  /** Stops the work where nothing half done is left. */
  signal?: AbortSignal;
}

/** A process that writes to the index store. */
export interface WriterProcess {
  name: string;
  /** ISO 8601, as the next. */
  since: string;
  seenAt: string;
}

export interface IndexStore {
  readonly kind: "embedded" | "qdrant";
  /** As written now, also by another process. */
  generations(): Promise<Generation[]>;
  /** Opens one, once: the same index at each call. Throws `generation_not_found`. */
  open(name: string): Promise<VectorIndex>;
  /**
   * Does nothing when it exists with the same model; throws `model_mismatch` when it exists with another one. The first
   * of all generations is live.
   */
  create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void>;
  /**
   * Throws `generation_live` for the live one. Does nothing when there is none. An index that is open of it may go on
   * answering or fail; its user closes it.
   */
  drop(name: string): Promise<void>;
  /** Takes effect at once for this process, and within 10 seconds for every other one; durable when it returns. */
  switchTo(name: string): Promise<void>;
  snapshots(): Promise<SnapshotInfo[]>;
  /** Takes a consistent copy of a generation under this id. Does nothing when the id exists. */
  takeSnapshot(id: string, generation: string, work?: StoreWork): Promise<SnapshotInfo>;
  /**
   * Replaces a generation's content by the snapshot's, unclaimed (`assignTo`). The snapshot is verified before anything
   * is replaced; a crash leaves the old content or the snapshot's, never a mix. Throws `snapshot_not_found`, `model_mismatch`, `snapshot_damaged`.
   */
  restoreSnapshot(id: string, generation: string, work?: StoreWork): Promise<void>;
  deleteSnapshot(id: string): Promise<boolean>;
  /** The processes that write to the store, as far as it knows; empty for an embedded store, which has one writer. */
  writers(): Promise<WriterProcess[]>;
  close(): Promise<void>;
}
