// One generation on Qdrant. Decision 0023 has the order of writes, and why a crash between any two of them leaves each
// reference as it was or as it is to be.

import type { ModelIdentity } from "@twinframe/shared/contract";
import type { FrameHits, FrameTrack } from "../frame-track.ts";
import { packTrack, unpackTrack } from "../packed/packed-track.ts";
import type { EntryPosition, ListedReference, ReferenceEntry, ReferenceRecord } from "../reference-record.ts";
import {
  IndexModelMismatch,
  type IndexStats,
  type LibraryEpoch,
  type LibraryStanding,
  type LibraryStats,
  type VectorIndex,
} from "../vector-index.ts";
import { type Connection, unavailable } from "./connection.ts";
import { CurrentEntries } from "./current-entries.ts";
import { EntryWriter } from "./entry-writer.ts";
import { frameHitsOf } from "./frame-hits.ts";
import { FramePoints } from "./frame-points.ts";
import { Health } from "./health.ts";
import { optimiseCollections, sweepFrames } from "./optimise.ts";
import { ReferencePoints } from "./reference-points.ts";
import { searchCurrent } from "./search-current.ts";
import { StatePoints } from "./state-points.ts";
import { libraryStatsOf, statsOf } from "./tallies.ts";

export interface QdrantIndexOptions {
  connection: Connection;
  /** Collections, or the aliases by which they are asked. */
  frames: string;
  references: string;
  model: ModelIdentity;
  dims: number;
}

export class QdrantIndex implements VectorIndex {
  readonly model: ModelIdentity;
  readonly dims: number;
  readonly isShared = true;
  readonly #options: QdrantIndexOptions;
  readonly #references: ReferencePoints;
  readonly #frames: FramePoints;
  readonly #current: CurrentEntries;
  readonly #states: StatePoints;
  readonly #writer: EntryWriter;
  readonly #health: Health;

  constructor(options: QdrantIndexOptions) {
    const { connection, frames, references, model, dims } = options;
    this.model = model;
    this.dims = dims;
    this.#options = options;
    this.#references = new ReferencePoints(connection, references);
    this.#frames = new FramePoints(connection, frames, dims);
    this.#current = new CurrentEntries(connection, references);
    this.#states = new StatePoints(connection, references);
    this.#writer = new EntryWriter(this.#references, this.#frames, this.#states);
    this.#health = new Health(connection, [frames, references]);
  }

  async upsertReference({ track, ...record }: ReferenceEntry): Promise<void> {
    const { vectors, startS, endS } = track;
    if (vectors.length !== startS.length * this.dims || startS.length !== endS.length)
      throw new IndexModelMismatch(
        `${startS.length} frames of ${this.dims} dimensions need ${startS.length * this.dims} numbers, not ${vectors.length}`,
      );
    const packed = packTrack(track, this.dims);
    await guarded(() => this.#writer.put(record, packed, unpackTrack(packed, this.dims).vectors));
  }

  async deleteReference(library: string, id: string, jobId?: string): Promise<boolean> {
    return guarded(() => this.#writer.remove(library, id, jobId));
  }

  async setAvailability(library: string, id: string, jobId: string, availability: number): Promise<void> {
    await guarded(() => this.#writer.setAvailability(library, id, jobId, availability));
  }

  async getReference(library: string, id: string): Promise<ReferenceRecord | null> {
    return guarded(() => this.#references.get(library, id));
  }

  async findByPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]> {
    return guarded(() => this.#references.byPackets(library, packetsSha256));
  }

  async searchBatch(library: string, queries: Float32Array, perQuery: number): Promise<FrameHits> {
    if (queries.length % this.dims !== 0)
      throw new IndexModelMismatch(`queries must have ${this.dims} dimensions each`);
    return guarded(async () => {
      const [{ lists, current }] = await Promise.all([
        searchCurrent(this.#frames, this.#current, { library, queries, perQuery }),
        this.#health.require(),
      ]);
      return frameHitsOf(lists, current, perQuery);
    });
  }

  async descriptorsOf(library: string, ids: string[]): Promise<Map<string, FrameTrack>> {
    return guarded(async () => {
      const found = await this.#references.tracks(library, ids);
      return new Map(
        found.map(({ id, durationS, track }) => {
          try {
            return [id, { ...unpackTrack(track, this.dims), durationS }];
          } catch (cause) {
            throw new Error(`reference ${id} of library ${library} cannot be read`, { cause });
          }
        }),
      );
    });
  }

  async stats(): Promise<IndexStats> {
    const { connection, references } = this.#options;
    return guarded(async () => {
      const [health, counts] = await Promise.all([
        this.#health.require({ fresh: true }),
        statsOf(connection, references, this.dims),
      ]);
      return { ...counts, health };
    });
  }

  async libraries(): Promise<LibraryStats[]> {
    const { connection, references } = this.#options;
    return guarded(() => libraryStatsOf(connection, references, this.dims));
  }

  async listReferences(after: EntryPosition | null, limit: number): Promise<ListedReference[]> {
    return guarded(() => this.#references.list(after, limit));
  }

  async installation(): Promise<string | null> {
    return (await guarded(() => this.#states.read(""))).installation;
  }

  /** The count first: a deletion raises the epoch before it takes anything away. */
  async standing(library: string): Promise<LibraryStanding> {
    return guarded(async () => {
      const references = await this.#references.count(library);
      return { ...(await this.#states.read(library)), references };
    });
  }

  async assignTo(installation: string | null): Promise<void> {
    await guarded(() => this.#states.assignTo(installation));
  }

  async epochs(): Promise<LibraryEpoch[]> {
    return guarded(() => this.#states.all());
  }

  async raiseEpochs(epochs: readonly LibraryEpoch[]): Promise<void> {
    await guarded(() => this.#states.raiseTo(epochs));
  }

  async deleteTenant(tenant: string): Promise<number> {
    const { connection, references } = this.#options;
    return guarded(() => this.#writer.removeTenant(connection, references, tenant));
  }

  /** Sweeps what crashes left behind, then waits until the server has put its segments in order. */
  async optimise(): Promise<void> {
    const { connection, frames, references } = this.#options;
    await guarded(async () => {
      await sweepFrames({
        connection,
        collection: frames,
        frames: this.#frames,
        current: this.#current,
      });
      await optimiseCollections(connection, [frames, references]);
    });
  }

  async close(): Promise<void> {
    // Nothing is held but the connection, which the index store closes.
  }
}

/** Every failure becomes `index_unavailable`, never an empty answer. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}
