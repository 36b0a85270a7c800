// Where an installation's indexes live. One index is one generation: all references as one model describes them.
// One generation is live and answers; the others stand beside it, get every write, too, and wait to be switched
// to, or to be switched back to.

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

/** Who wants long work, and who watches it. */
export interface StoreWork {
  /** Work that is asked for again by the same job has been done already, and nothing happens. */
  jobId?: string;
  /** 0 … 1. */
  onProgress?(fraction: number): void;
  /** Stops it where nothing half done would be left. */
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
  /** What is written down now, also by another process. */
  generations(): Promise<Generation[]>;
  /** Opens one, once: the same index at each call. Throws `generation_not_found`. */
  open(name: string): Promise<VectorIndex>;
  /**
   * Nothing happens when it is there already with the same model; `model_mismatch` when with another one. The
   * first one of all is live.
   */
  create(generation: Omit<Generation, "isLive" | "createdAt">): Promise<void>;
  /**
   * Throws `generation_live` for the live one. Nothing happens when there is none. Who has it open may go on with
   * it or be told that it is not there; it is for them to close it.
   */
  drop(name: string): Promise<void>;
  /** In force at once for this process, and within 10 seconds for every other one; durable when it returns. */
  switchTo(name: string): Promise<void>;
  snapshots(): Promise<SnapshotInfo[]>;
  /** A consistent copy of a generation under this id. With an id that is there already: nothing happens. */
  takeSnapshot(id: string, generation: string, work?: StoreWork): Promise<SnapshotInfo>;
  /**
   * Makes a generation's content what it was, and nobody's (`assignTo`). Verified before anything is replaced; a crash leaves the old
   * content or the snapshot's, never a mix. Throws `snapshot_not_found`, `model_mismatch`, `snapshot_damaged`.
   */
  restoreSnapshot(id: string, generation: string, work?: StoreWork): Promise<void>;
  deleteSnapshot(id: string): Promise<boolean>;
  /** Those that are at work, as far as the index store knows: of an embedded one, which has one writer only, none is told. */
  writers(): Promise<WriterProcess[]>;
  close(): Promise<void>;
}
