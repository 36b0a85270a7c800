// The port that every index implements. Video-scoped: a reference goes in and out as a whole. A call that
// returned from a write has made it durable.

import type { ModelIdentity } from "@twinframe/shared/contract";

/** A video's descriptors with the time that each one stands for. An index keeps them to a byte a dimension. */
export interface FrameTrack {
  /** float32 [frames, dims], each of length 1. */
  vectors: Float32Array;
  /** Seconds [frames]: frame i shows what is seen from startS[i] to endS[i]; in order, not overlapping. */
  startS: Float32Array;
  endS: Float32Array;
  /** Sampling rate before folding, frames a second. */
  rate: number;
  durationS: number;
}

export interface ReferenceRecord {
  /** `tenant/library`. */
  library: string;
  id: string;
  /** The analysis that made the entry: a late delete of an older entry must not hit a newer one. */
  jobId: string;
  sha256: string;
  packetsSha256: string;
  durationS: number;
  /** Seconds of it that were seen when it was indexed; null for entries from before this was kept. */
  seenS: number | null;
  width: number;
  height: number;
  /** Frames sampled, before folding. */
  sampledFrames: number;
  /** How often it was taken out of searches and back in; out of them while the number is odd. */
  availability: number;
}

/** Whether searches and look-ups by packets leave an entry of this availability out. */
export const isOut = (availability: number) => availability % 2 === 1;

export interface ReferenceEntry extends ReferenceRecord {
  track: FrameTrack;
}

/** The nearest frames of each query, best first: row q holds entries q·perQuery … ; reference −1 is none. */
export interface FrameHits {
  perQuery: number;
  referenceIds: string[];
  /** int32 [queries, perQuery], positions in referenceIds. */
  reference: Int32Array;
  /** int32 [queries, perQuery], frame numbers in that reference's track. */
  frame: Int32Array;
  /** float32 [queries, perQuery], cosine. */
  similarity: Float32Array;
}

export interface IndexStats {
  kind: string;
  references: number;
  frames: number;
  /** Memory that the vectors take, which the index's limit counts. */
  bytes: number;
  /** What all references take on the disk, with their records and the look-up structures. */
  storedBytes: number;
  /** How a store that has states of its own says that it is; well and in one piece when absent. */
  health?: { status: string; segments: number };
}

export interface LibraryStats {
  /** `tenant/library`. */
  library: string;
  references: number;
  frames: number;
  /** As IndexStats.bytes. */
  bytes: number;
}

/** A library's writes, counted: an index that has fewer than were acknowledged is an older copy. */
export interface LibraryEpoch {
  /** `tenant/library`. */
  library: string;
  epoch: number;
}

export interface LibraryStanding {
  /** Whose references the index has; null while nobody has said so. */
  installation: string | null;
  epoch: number;
  /** In the library, also those that are out of searches. */
  references: number;
}

/** Where a listing goes on: behind this entry. */
export interface EntryPosition {
  library: string;
  id: string;
}

export interface ListedReference extends ReferenceRecord {
  /** Descriptors kept, after folding. */
  frames: number;
}

export interface VectorIndex {
  readonly model: ModelIdentity;
  readonly dims: number;
  /** Whether other processes write to it, too, so that a lock within this one is not enough. */
  readonly isShared: boolean;
  /**
   * Inserts or replaces; readers see the old entry or the new one, never a mix. Throws `index_full`. An entry of
   * the same job keeps its availability where that is the greater one. Raises the library's epoch.
   */
  upsertReference(entry: ReferenceEntry): Promise<void>;
  /** Whether there was one; then the epoch is raised. With a job id, only an entry that this job made is removed. */
  deleteReference(library: string, id: string, jobId?: string): Promise<boolean>;
  /**
   * Takes the job's entry out of searches (an odd number) or back in (an even one). Only a number greater than the
   * entry's counts, so that changes may come in any order and more than once. Raises the epoch when it counts.
   */
  setAvailability(library: string, id: string, jobId: string, availability: number): Promise<void>;
  getReference(library: string, id: string): Promise<ReferenceRecord | null>;
  findByPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]>;
  /** Nearest frames within one library of each of the queries, float32 [queries, dims]. */
  searchBatch(library: string, queries: Float32Array, perQuery: number): Promise<FrameHits>;
  descriptorsOf(library: string, ids: string[]): Promise<Map<string, FrameTrack>>;
  stats(): Promise<IndexStats>;
  /** Every library that holds a reference, by name. */
  libraries(): Promise<LibraryStats[]>;
  /**
   * All references in an order that does not change while others come and go: at most `limit` behind `after`.
   * An empty answer is the end.
   */
  listReferences(after: EntryPosition | null, limit: number): Promise<ListedReference[]>;
  /** Whose references they are; null while nobody has said so. */
  installation(): Promise<string | null>;
  standing(library: string): Promise<LibraryStanding>;
  /** Whose it is from now on, or nobody's; durable when it returns. */
  assignTo(installation: string | null): Promise<void>;
  /** Of every library that was written. */
  epochs(): Promise<LibraryEpoch[]>;
  /** None of these libraries' epochs is less than given from now on: of a generation that takes another's place. */
  raiseEpochs(epochs: readonly LibraryEpoch[]): Promise<void>;
  /** All libraries of a tenant, whole, with their epochs; how many references that were. */
  deleteTenant(tenant: string): Promise<number>;
  /** A consistent copy, openable as an index of its own. */
  snapshot(file: string): Promise<void>;
  /** Gives back the room of deleted entries. */
  optimise(): Promise<void>;
  close(): Promise<void>;
}

/** The index was built by another model, or an entry has other dimensions. Never mixed, always refused. */
export class IndexModelMismatch extends Error {
  override readonly name = "IndexModelMismatch";
  readonly code = "model_mismatch";
}
