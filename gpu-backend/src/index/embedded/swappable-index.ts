// An index whose content may be replaced while it is used: a restore puts another file in its place. Calls that run end
// on the old content; calls that come during the replacement wait for its end.

import type { ModelIdentity } from "@twinframe/shared/contract";
import type { FrameHits, FrameTrack } from "../frame-track.ts";
import type { EntryPosition, ListedReference, ReferenceEntry, ReferenceRecord } from "../reference-record.ts";
import type {
  IndexStats,
  LibraryEpoch,
  LibraryStanding,
  LibraryStats,
  VectorIndex,
} from "../vector-index.ts";

export class SwappableIndex implements VectorIndex {
  readonly model: ModelIdentity;
  readonly dims: number;
  readonly isShared: boolean;
  #inner: VectorIndex;
  readonly #running = new Set<Promise<unknown>>();
  #swapping: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(inner: VectorIndex) {
    this.#inner = inner;
    this.model = inner.model;
    this.dims = inner.dims;
    this.isShared = inner.isShared;
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  /**
   * `commit` makes the replacement durable. No call runs meanwhile, so that none is acknowledged by the old content
   * after the replacement. When `commit` throws, the old content stays.
   */
  async swap(next: VectorIndex, commit: () => void): Promise<void> {
    while (this.#swapping) await this.#swapping;
    let over = () => {};
    this.#swapping = new Promise((resolve) => {
      over = resolve;
    });
    const old = this.#inner;
    try {
      await Promise.allSettled(this.#running);
      commit();
      this.#inner = next;
    } finally {
      this.#swapping = null;
      over();
    }
    await old.close();
  }

  async #use<T>(work: (index: VectorIndex) => Promise<T>): Promise<T> {
    while (this.#swapping) await this.#swapping;
    const done = work(this.#inner);
    this.#running.add(done);
    try {
      return await done;
    } finally {
      this.#running.delete(done);
    }
  }

  upsertReference(entry: ReferenceEntry): Promise<void> {
    return this.#use((index) => index.upsertReference(entry));
  }
  deleteReference(library: string, id: string, jobId?: string): Promise<boolean> {
    return this.#use((index) => index.deleteReference(library, id, jobId));
  }
  setAvailability(library: string, id: string, jobId: string, availability: number): Promise<void> {
    return this.#use((index) => index.setAvailability(library, id, jobId, availability));
  }
  getReference(library: string, id: string): Promise<ReferenceRecord | null> {
    return this.#use((index) => index.getReference(library, id));
  }
  findByPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]> {
    return this.#use((index) => index.findByPackets(library, packetsSha256));
  }
  searchBatch(library: string, queries: Float32Array, perQuery: number): Promise<FrameHits> {
    return this.#use((index) => index.searchBatch(library, queries, perQuery));
  }
  descriptorsOf(library: string, ids: string[]): Promise<Map<string, FrameTrack>> {
    return this.#use((index) => index.descriptorsOf(library, ids));
  }
  stats(): Promise<IndexStats> {
    return this.#use((index) => index.stats());
  }
  libraries(): Promise<LibraryStats[]> {
    return this.#use((index) => index.libraries());
  }
  listReferences(after: EntryPosition | null, limit: number): Promise<ListedReference[]> {
    return this.#use((index) => index.listReferences(after, limit));
  }
  installation(): Promise<string | null> {
    return this.#use((index) => index.installation());
  }
  standing(library: string): Promise<LibraryStanding> {
    return this.#use((index) => index.standing(library));
  }
  assignTo(installation: string | null): Promise<void> {
    return this.#use((index) => index.assignTo(installation));
  }
  epochs(): Promise<LibraryEpoch[]> {
    return this.#use((index) => index.epochs());
  }
  raiseEpochs(epochs: readonly LibraryEpoch[]): Promise<void> {
    return this.#use((index) => index.raiseEpochs(epochs));
  }
  deleteTenant(tenant: string): Promise<number> {
    return this.#use((index) => index.deleteTenant(tenant));
  }
  optimise(): Promise<void> {
    return this.#use((index) => index.optimise());
  }
  close(): Promise<void> {
    this.#closed ??= this.#use((index) => index.close());
    return this.#closed;
  }
}
