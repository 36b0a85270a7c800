// The two multiplications of the exact search, by ONNX Runtime: of many rows as whole numbers, quick and nearly
// right, a chunk at a time; of few rows as floats, with the best picked at once.

import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Block, GROUP_ROWS, wholeGroups } from "./library-matrix.ts";
import type { QuantisedQueries } from "./quantised-queries.ts";

/** Small enough that the products stay in a core's cache. */
const CHUNK_ROWS = 4_096;
export const BATCH_QUERIES = 64;

/** What the quick one found of a chunk; the arrays are written again by the next one. */
export interface Products {
  /** Of the block's rows, the first one. */
  from: number;
  /** float32 [rows, queries]; a dead row's are 0. */
  similarities: Float32Array;
  /** float32 [rows / GROUP_ROWS, queries], the greatest of each group of rows. */
  greatest: Float32Array;
  /** float32 [rows], as the block's. */
  inverseLengths: Float32Array;
}

/** Row-wise [queries, perQuery]; what has no similarity above −∞ is no hit. */
export interface NearestOfBlock {
  perQuery: number;
  similarities: Float32Array;
  positions: BigInt64Array;
}

export class FrameMultiplication {
  readonly #quick: InferenceSession;
  readonly #few: InferenceSession;
  readonly #dims: number;
  // Written by every run, so that none has to ask for fresh memory.
  readonly #similarities = new Float32Array(CHUNK_ROWS * BATCH_QUERIES);
  readonly #greatest = new Float32Array((CHUNK_ROWS / GROUP_ROWS) * BATCH_QUERIES);

  private constructor(quick: InferenceSession, few: InferenceSession, dims: number) {
    this.#quick = quick;
    this.#few = few;
    this.#dims = dims;
  }

  static async start(dims: number): Promise<FrameMultiplication> {
    const [quick, few] = await Promise.all(
      ["./multiply-codes.onnx", "./nearest-few.onnx"].map((graph) =>
        InferenceSession.create(readFileSync(new URL(graph, import.meta.url)), {
          executionProviders: ["cpu"],
          extra: { session: { intra_op: { allow_spinning: "0" } } },
        }),
      ),
    );
    return new FrameMultiplication(quick as InferenceSession, few as InferenceSession, dims);
  }

  /** Similarities that are wrong by the queries' `errors` at most. */
  async *quick(block: Block, { count, numbers, steps }: QuantisedQueries): AsyncGenerator<Products> {
    const feeds = {
      queries: new Tensor("int8", numbers, [this.#dims, count]),
      steps: new Tensor("float32", steps, [count]),
      groups: new Tensor("int64", BigInt64Array.of(-1n, BigInt(GROUP_ROWS), BigInt(count)), [3]),
    };
    for (let from = 0; from < block.rows; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, wholeGroups(block.rows));
      const [rows, groups] = [to - from, (to - from) / GROUP_ROWS];
      const similarities = this.#similarities.subarray(0, rows * count);
      const greatest = this.#greatest.subarray(0, groups * count);
      await this.#quick.run(
        { ...feeds, ...this.#rowsOf(block, from, to) },
        {
          similarities: new Tensor("float32", similarities, [rows, count]),
          greatest: new Tensor("float32", greatest, [groups, count]),
        },
      );
      yield { from, similarities, greatest, inverseLengths: block.inverseLengths.subarray(from, to) };
    }
  }

  /** The nearest rows of a block, best first, as exact as float32 is. */
  async nearest(block: Block, queries: Float32Array, wanted: number): Promise<NearestOfBlock> {
    const count = queries.length / this.#dims;
    const rows = wholeGroups(block.rows);
    const perQuery = Math.min(wanted, rows);
    const { similarities, positions } = await this.#few.run({
      ...this.#rowsOf(block, 0, rows),
      queries: new Tensor("float32", queries, [count, this.#dims]),
      k: new Tensor("int64", BigInt64Array.of(BigInt(perQuery)), [1]),
    });
    return {
      perQuery,
      similarities: similarities?.data as Float32Array,
      positions: positions?.data as BigInt64Array,
    };
  }

  #rowsOf({ codes, inverseLengths }: Block, from: number, to: number) {
    const dims = this.#dims;
    return {
      codes: new Tensor("uint8", codes.subarray(from * dims, to * dims), [to - from, dims]),
      inverse_lengths: new Tensor("float32", inverseLengths.subarray(from, to), [to - from, 1]),
    };
  }
}
