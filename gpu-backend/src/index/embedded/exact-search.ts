// Exact nearest frames: ONNX Runtime's Gemm and TopK over each block, the blocks' best merged. Recall is 1 by
// construction and there is nothing to tune.

import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { FrameHits } from "../vector-index.ts";
import { type LibraryMatrix, ownerOfRow } from "./library-matrix.ts";

const GRAPH = new URL("./exact-search.onnx", import.meta.url);

export class ExactSearch {
  readonly #session: InferenceSession;
  readonly #dims: number;

  private constructor(session: InferenceSession, dims: number) {
    this.#session = session;
    this.#dims = dims;
  }

  static async start(dims: number): Promise<ExactSearch> {
    const session = await InferenceSession.create(readFileSync(GRAPH), {
      executionProviders: ["cpu"],
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    return new ExactSearch(session, dims);
  }

  /** Nearest frames of each query, float32 [queries, dims], best first. */
  async run(matrix: LibraryMatrix, queries: Float32Array, perQuery: number): Promise<FrameHits> {
    const count = queries.length / this.#dims;
    const merged = new HitLists(count, perQuery);
    if (count === 0) return merged.hits();
    const queryTensor = new Tensor("float32", queries, [count, this.#dims]);
    for (const block of matrix.blocks) {
      if (block.rows === 0) continue;
      const k = Math.min(perQuery, block.rows);
      const vectors = block.vectors.subarray(0, block.rows * this.#dims);
      const result = await this.#session.run({
        queries: queryTensor,
        vectors: new Tensor("float32", vectors, [block.rows, this.#dims]),
        k: new Tensor("int64", BigInt64Array.of(BigInt(k)), [1]),
      });
      const similarities = result.similarities?.data as Float32Array;
      const positions = result.positions?.data as BigInt64Array;
      for (let query = 0; query < count; query++)
        for (let place = 0; place < k; place++) {
          const at = query * k + place;
          const owner = ownerOfRow(block, Number(positions[at]));
          if (owner) merged.add(query, owner.id, owner.frame, similarities[at] as number);
        }
    }
    return merged.hits();
  }
}

/** Keeps the best `perQuery` of each query while blocks are merged in. */
class HitLists {
  readonly #perQuery: number;
  readonly #lists: { id: string; frame: number; similarity: number }[][];

  constructor(queries: number, perQuery: number) {
    this.#perQuery = perQuery;
    this.#lists = Array.from({ length: queries }, () => []);
  }

  add(query: number, id: string, frame: number, similarity: number): void {
    this.#lists[query]?.push({ id, frame, similarity });
  }

  hits(): FrameHits {
    const perQuery = this.#perQuery;
    const size = this.#lists.length * perQuery;
    const positions = new Map<string, number>();
    const reference = new Int32Array(size).fill(-1);
    const frame = new Int32Array(size);
    const similarity = new Float32Array(size);
    this.#lists.forEach((list, query) => {
      list.sort((a, b) => b.similarity - a.similarity);
      for (const [place, hit] of list.slice(0, perQuery).entries()) {
        const at = query * perQuery + place;
        if (!positions.has(hit.id)) positions.set(hit.id, positions.size);
        reference[at] = positions.get(hit.id) as number;
        frame[at] = hit.frame;
        similarity[at] = hit.similarity;
      }
    });
    return { perQuery, referenceIds: [...positions.keys()], reference, frame, similarity };
  }
}
