// The frames' collection: a point each with its vector, the library that searches are within, and the entry that
// it belongs to.

import { ProblemError } from "@twinframe/shared/problem";
import { codesOf } from "../packed/descriptor-codes.ts";
import type { Connection } from "./connection.ts";
import { entryOfPrefix, frameOfPoint, framePointOf, MOST_FRAMES, prefixOfPoint } from "./point-ids.ts";
import { availabilityPayload, IS_OUT, tenantOf } from "./reference-payload.ts";
import { requireApplied, WRITE, WRITE_QUERY } from "./writing.ts";

const FRAMES_A_WRITE = 512;
const QUERIES_A_REQUEST = 256;
/** A query's numbers go as whole ones: shorter to write and to read, and the direction is all that counts. */
const QUERY_SCALE = 2 ** 22;
/** Candidates by their bytes beyond the hits that are wanted; all are then ordered by their stored vectors. */
const SPARE_CANDIDATES = 32;

export interface Hit {
  entry: string;
  frame: number;
  similarity: number;
}

interface QueryAnswer {
  points: { id: string; score: number }[];
}

const entryIn = (entries: readonly string[]) => ({ key: "entry", match: { any: entries } });

export class FramePoints {
  readonly #connection: Connection;
  readonly #collection: string;
  readonly #dims: number;

  constructor(connection: Connection, collection: string, dims: number) {
    this.#connection = connection;
    this.#collection = collection;
    this.#dims = dims;
  }

  /** The codes themselves are sent: the server gives each vector the length 1, as reading a track does. How many. */
  async write(library: string, entry: string, vectors: Float32Array, availability = 0): Promise<number> {
    const codes = codesOf(vectors, this.#dims);
    const frames = codes.length / this.#dims;
    if (frames > MOST_FRAMES)
      throw new ProblemError("media_limit_exceeded", `A reference may have ${MOST_FRAMES} frames.`);
    const writtenS = Math.floor(Date.now() / 1000);
    const payload = JSON.stringify({
      library,
      tenant: tenantOf(library),
      entry,
      written_s: writtenS,
      ...availabilityPayload(availability),
    });
    for (let from = 0; from < frames; from += FRAMES_A_WRITE) {
      const points = [];
      for (let frame = from; frame < Math.min(frames, from + FRAMES_A_WRITE); frame++) {
        const vector = codes.subarray(frame * this.#dims, (frame + 1) * this.#dims).join(",");
        points.push(`{"id":"${framePointOf(entry, frame)}","vector":[${vector}],"payload":${payload}}`);
      }
      const path = `/collections/${this.#collection}/points${WRITE_QUERY}`;
      requireApplied(await this.#connection.send("PUT", path, `{"points":[${points.join(",")}]}`));
    }
    return frames;
  }

  /** Of an entry's frames, where their own is not greater. */
  async setAvailability(entry: string, availability: number): Promise<void> {
    const filter = {
      must: [entryIn([entry])],
      must_not: [{ key: "availability", range: { gte: availability } }],
    };
    const payload = availabilityPayload(availability);
    await this.#connection.call(async (client) =>
      requireApplied(await client.setPayload(this.#collection, { ...WRITE, payload, filter })),
    );
  }

  /** Each query's nearest frames, best first, leaving out those of some entries and of all that are out. */
  async search(
    library: string,
    queries: Float32Array,
    perQuery: number,
    without: readonly string[],
  ): Promise<Hit[][]> {
    const { searchWidth } = this.#connection.settings;
    const request = JSON.stringify({
      filter: {
        must: [{ key: "library", match: { value: library } }],
        must_not: [IS_OUT, ...(without.length > 0 ? [entryIn(without)] : [])],
      },
      limit: perQuery,
      params: {
        hnsw_ef: Math.max(searchWidth, perQuery),
        quantization: { rescore: true, oversampling: (perQuery + SPARE_CANDIDATES) / perQuery },
      },
      with_payload: false,
      with_vector: false,
    }).slice(1);
    const { consistency } = this.#connection.reading;
    const path = `/collections/${this.#collection}/points/query/batch${consistency ? `?consistency=${consistency}` : ""}`;
    const lists: Hit[][] = [];
    // One string an entry: thousands of hits share a few hundred.
    const entries = new Map<string, string>();
    const count = queries.length / this.#dims;
    for (let from = 0; from < count; from += QUERIES_A_REQUEST) {
      const to = Math.min(count, from + QUERIES_A_REQUEST);
      const searches = [];
      for (let query = from; query < to; query++)
        searches.push(`{"query":[${this.#numbersOf(queries, query)}],${request}`);
      const answers = await this.#connection.send<QueryAnswer[]>(
        "POST",
        path,
        `{"searches":[${searches.join(",")}]}`,
      );
      if (answers.length !== to - from) throw new Error(`${to - from} queries got ${answers.length} answers`); // Never take a part for all.
      for (const { points } of answers)
        lists.push(
          points.map(({ id, score }) => {
            const prefix = prefixOfPoint(id);
            let entry = entries.get(prefix);
            if (entry === undefined) {
              entry = entryOfPrefix(prefix);
              entries.set(prefix, entry);
            }
            return { entry, frame: frameOfPoint(id), similarity: score };
          }),
        );
    }
    return lists;
  }

  #numbersOf(queries: Float32Array, query: number): string {
    const numbers = new Int32Array(this.#dims);
    for (let i = 0; i < this.#dims; i++) {
      const number = (queries[query * this.#dims + i] as number) * QUERY_SCALE;
      if (!(Math.abs(number) < 2 ** 31)) throw new RangeError(`query ${query} holds what is no number`);
      numbers[i] = Math.round(number);
    }
    return numbers.join(",");
  }

  async count(entry: string): Promise<number> {
    const filter = { must: [entryIn([entry])] };
    const { count } = await this.#connection.call((client) =>
      client.count(this.#collection, { filter, exact: true }),
    );
    return count;
  }

  async removeEntry(entry: string): Promise<void> {
    await this.#remove({ must: [entryIn([entry])] });
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#remove({ must: [{ key: "tenant", match: { value: tenant } }] });
  }

  /** Frames of these entries that were written before a time. */
  async removeOld(entries: readonly string[], beforeS: number): Promise<void> {
    await this.#remove({ must: [entryIn(entries), { key: "written_s", range: { lt: beforeS } }] });
  }

  async #remove(filter: object): Promise<void> {
    await this.#connection.call(async (client) =>
      requireApplied(await client.delete(this.#collection, { ...WRITE, filter })),
    );
  }
}
