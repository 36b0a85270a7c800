// The ports that every index implements: a reader for searches, a writer for references, an admin for operators' jobs.
// Video-scoped: a reference goes in and out as a whole. A call that returned from a write has made it durable.

import type { ModelIdentity } from "@twinframe/shared/contract";
import type { FrameHits, FrameTrack } from "./frame-track.ts";
import type { EntryPosition, ListedReference, ReferenceEntry, ReferenceRecord } from "./reference-record.ts";

export interface IndexStats {
  kind: string;
  references: number;
  frames: number;
  /** Memory that the vectors take, which the index's limit counts. */
  bytes: number;
  /** What all references take on the disk, with their records and the look-up structures. */
  storedBytes: number;
  /** A server's own report of its state; green and in one segment when absent. */
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
  /** Whose references the index has; null while no installation has claimed it. */
  installation: string | null;
  epoch: number;
  /** In the library, also those that are out of searches. */
  references: number;
}

/** What an index was made for. */
export interface IndexIdentity {
  readonly model: ModelIdentity;
  readonly dims: number;
}

/** Searches and look-ups within one library. */
export interface IndexReader extends IndexIdentity {
  getReference(library: string, id: string): Promise<ReferenceRecord | null>;
  findByPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]>;
  /** Nearest frames within one library of each of the queries, float32 [queries, dims]. */
  searchBatch(library: string, queries: Float32Array, perQuery: number): Promise<FrameHits>;
  descriptorsOf(library: string, ids: string[]): Promise<Map<string, FrameTrack>>;
}

/** Writes of one reference. */
export interface IndexWriter extends IndexIdentity {
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
}

/** Counts, listings, ownership, epochs and upkeep of the whole index. */
export interface IndexAdmin extends IndexIdentity {
  stats(): Promise<IndexStats>;
  /** Every library that holds a reference, by name. */
  libraries(): Promise<LibraryStats[]>;
  /**
   * All references in an order that does not change while others come and go: at most `limit` behind `after`.
   * An empty answer is the end.
   */
  listReferences(after: EntryPosition | null, limit: number): Promise<ListedReference[]>;
  /** The installation that the references belong to; null while none has claimed them. */
  installation(): Promise<string | null>;
  standing(library: string): Promise<LibraryStanding>;
  /** Gives the index to an installation, or to none; durable when it returns. */
  assignTo(installation: string | null): Promise<void>;
  /** Of every library that was written. */
  epochs(): Promise<LibraryEpoch[]>;
  /** None of these libraries' epochs is less than given from now on: of a generation that replaces another. */
  raiseEpochs(epochs: readonly LibraryEpoch[]): Promise<void>;
  /** Deletes all libraries of a tenant with their epochs; how many references that were. */
  deleteTenant(tenant: string): Promise<number>;
  /** Gives back the room of deleted entries. */
  optimise(): Promise<void>;
  close(): Promise<void>;
}

export interface VectorIndex extends IndexReader, IndexWriter, IndexAdmin {}

/** The index was built by another model, or an entry has other dimensions. Never mixed, always refused. */
export class IndexModelMismatch extends Error {
  override readonly name = "IndexModelMismatch";
  readonly code = "model_mismatch";
}
