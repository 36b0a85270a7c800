// The two multiplications of the exact search, by ONNX Runtime: of many rows as whole numbers, quick and nearly
// right, a chunk at a time; of few rows as floats, with the best picked at once.

import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Block, GROUP_ROWS, wholeGroups } from "./library-matrix.ts";
import type { QuantisedQueries } from "./quantised-queries.ts";

/** Small enough that the products stay in a core's cache. */
const CHUNK_ROWS = 8_192;
export const BATCH_QUERIES = 64;

/** What the quick one found of a chunk; the arrays are written again by the next one. */
export interface Products {
  /** Of the block's rows, the first one. */
  from: number;
  /** int32 [rows, queries], codes times numbers: times the query's step and the row's inverse length, a similarity. */
  products: Int32Array;
  /** int32 [rows / GROUP_ROWS, queries], the greatest of each group of rows, dead ones too. */
  greatest: Int32Array;
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
  readonly #products = new Int32Array(CHUNK_ROWS * BATCH_QUERIES);
  readonly #greatest = new Int32Array((CHUNK_ROWS / GROUP_ROWS) * BATCH_QUERIES);

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

  /** Of the quantised queries: as similarities wrong by their `errors` at most. */
  async *quick(block: Block, { count, numbers }: QuantisedQueries): AsyncGenerator<Products> {
    const feeds = {
      queries: new Tensor("int8", numbers, [this.#dims, count]),
      groups: new Tensor("int64", BigInt64Array.of(-1n, BigInt(GROUP_ROWS), BigInt(count)), [3]),
    };
    for (let from = 0; from < block.rows; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, wholeGroups(block.rows));
      const [rows, groups] = [to - from, (to - from) / GROUP_ROWS];
      const products = this.#products.subarray(0, rows * count);
      const greatest = this.#greatest.subarray(0, groups * count);
      await this.#quick.run(
        { ...feeds, codes: this.#codesOf(block, from, to) },
        {
          products: new Tensor("int32", products, [rows, count]),
          greatest: new Tensor("int32", greatest, [groups, count]),
        },
      );
      yield { from, products, greatest, inverseLengths: block.inverseLengths.subarray(from, to) };
    }
  }

  /** The nearest rows of a block, best first, as exact as float32 is. */
  async nearest(block: Block, queries: Float32Array, wanted: number): Promise<NearestOfBlock> {
    const count = queries.length / this.#dims;
    const rows = wholeGroups(block.rows);
    const perQuery = Math.min(wanted, rows);
    const { similarities, positions } = await this.#few.run({
      codes: this.#codesOf(block, 0, rows),
      inverse_lengths: new Tensor("float32", block.inverseLengths.subarray(0, rows), [rows, 1]),
      queries: new Tensor("float32", queries, [count, this.#dims]),
      k: new Tensor("int64", BigInt64Array.of(BigInt(perQuery)), [1]),
    });
    return {
      perQuery,
      similarities: similarities?.data as Float32Array,
      positions: positions?.data as BigInt64Array,
    };
  }

  #codesOf({ codes }: Block, from: number, to: number): Tensor {
    const dims = this.#dims;
    return new Tensor("uint8", codes.subarray(from * dims, to * dims), [to - from, dims]);
  }
}
