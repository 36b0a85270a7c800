// The default index: a file and exact search in memory, in one worker thread, up to the memory that it is given. No
// server, nothing to tune; Qdrant is for larger libraries.

import type { ModelIdentity } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { WorkerPort } from "../../worker-port.ts";
import type { FrameHits, FrameTrack } from "../frame-track.ts";
import type { EntryPosition, ListedReference, ReferenceEntry, ReferenceRecord } from "../reference-record.ts";
import {
  IndexModelMismatch,
  type IndexStats,
  type LibraryEpoch,
  type LibraryStanding,
  type LibraryStats,
  type VectorIndex,
} from "../vector-index.ts";
import type { IndexWorkerData } from "./index-worker.ts";
import { searchInSlices } from "./search-in-slices.ts";

export class EmbeddedIndex implements VectorIndex {
  readonly model: ModelIdentity;
  readonly dims: number;
  readonly isShared = false;
  readonly #worker: WorkerPort;

  private constructor(worker: WorkerPort, options: IndexWorkerData) {
    this.#worker = worker;
    this.model = options.model;
    this.dims = options.dims;
  }

  /** Opens or creates the index file. Throws IndexModelMismatch when another model filled it. */
  static async open(options: IndexWorkerData): Promise<EmbeddedIndex> {
    const worker = new WorkerPort(new URL("./index-worker.ts", import.meta.url), options);
    try {
      await worker.call("open", null);
    } catch (error) {
      await worker.close();
      if (error instanceof Error && error.name === "IndexModelMismatch")
        throw new IndexModelMismatch(error.message);
      throw error;
    }
    return new EmbeddedIndex(worker, options);
  }

  async upsertReference(entry: ReferenceEntry): Promise<void> {
    const { vectors, startS, endS } = entry.track;
    if (vectors.length !== startS.length * this.dims || startS.length !== endS.length)
      throw new IndexModelMismatch(
        `${startS.length} frames of ${this.dims} dimensions need ${startS.length * this.dims} numbers, not ${vectors.length}`,
      );
    await this.#call("upsert", entry);
  }

  async deleteReference(library: string, id: string, jobId?: string): Promise<boolean> {
    return (await this.#call("delete", { library, id, jobId })) as boolean;
  }

  async setAvailability(library: string, id: string, jobId: string, availability: number): Promise<void> {
    await this.#call("setAvailability", { library, id, jobId, availability });
  }

  async getReference(library: string, id: string): Promise<ReferenceRecord | null> {
    return (await this.#call("get", { library, id })) as ReferenceRecord | null;
  }

  async findByPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]> {
    return (await this.#call("findByPackets", { library, packetsSha256 })) as ReferenceRecord[];
  }

  async searchBatch(library: string, queries: Float32Array, perQuery: number): Promise<FrameHits> {
    if (queries.length % this.dims !== 0)
      throw new IndexModelMismatch(`queries must have ${this.dims} dimensions each`);
    return searchInSlices(
      queries,
      this.dims,
      async (slice) => (await this.#call("search", { library, queries: slice, perQuery })) as FrameHits,
    );
  }

  async descriptorsOf(library: string, ids: string[]): Promise<Map<string, FrameTrack>> {
    return (await this.#call("descriptors", { library, ids })) as Map<string, FrameTrack>;
  }

  async stats(): Promise<IndexStats> {
    return (await this.#call("stats", null)) as IndexStats;
  }

  async libraries(): Promise<LibraryStats[]> {
    return (await this.#call("libraries", null)) as LibraryStats[];
  }

  async listReferences(after: EntryPosition | null, limit: number): Promise<ListedReference[]> {
    return (await this.#call("list", { after, limit })) as ListedReference[];
  }

  async installation(): Promise<string | null> {
    return (await this.#call("installation", null)) as string | null;
  }

  async standing(library: string): Promise<LibraryStanding> {
    return (await this.#call("standing", { library })) as LibraryStanding;
  }

  async assignTo(installation: string | null): Promise<void> {
    await this.#call("assignTo", { installation });
  }

  async epochs(): Promise<LibraryEpoch[]> {
    return (await this.#call("epochs", null)) as LibraryEpoch[];
  }

  async raiseEpochs(epochs: readonly LibraryEpoch[]): Promise<void> {
    await this.#call("raiseEpochs", { epochs });
  }

  async deleteTenant(tenant: string): Promise<number> {
    return (await this.#call("deleteTenant", { tenant })) as number;
  }

  async optimise(): Promise<void> {
    await this.#call("optimise", null);
  }

  async close(): Promise<void> {
    await this.#worker.call("close", null);
    await this.#worker.close();
  }

  async #call(operation: string, input: unknown): Promise<unknown> {
    try {
      return await this.#worker.call(operation, input);
    } catch (cause) {
      const code = (cause as { code?: string }).code;
      if (code === "index_full") throw new ProblemError("index_full", (cause as Error).message, { cause });
      throw new ProblemError("index_unavailable", "The index could not be reached; try again shortly.", {
        cause,
      });
    }
  }
}
