// Exact nearest frames in two passes. The first multiplies whole numbers by ONNX Runtime and leaves every row
// that its error bound cannot rule out; the second gives these few their exact similarity. Recall is 1 by
// construction and there is nothing to tune.

import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { FrameHits } from "../vector-index.ts";
import { type Block, GROUP_ROWS, type LibraryMatrix, ownerOfRow, ZERO_CODE } from "./library-matrix.ts";
import { NearestRows } from "./nearest-rows.ts";
import { type QuantisedQueries, quantise } from "./quantised-queries.ts";

const GRAPH = new URL("./exact-search.onnx", import.meta.url);
/** What is multiplied at once: small enough that the products stay in a core's cache. */
const CHUNK_ROWS = 4_096;
const BATCH_QUERIES = 64;

interface Hit {
  id: string;
  frame: number;
  similarity: number;
}

export class ExactSearch {
  readonly #session: InferenceSession;
  readonly #dims: number;
  // Written by every run of the graph, so that none has to ask for fresh memory.
  readonly #similarities = new Float32Array(CHUNK_ROWS * BATCH_QUERIES);
  readonly #greatest = new Float32Array((CHUNK_ROWS / GROUP_ROWS) * BATCH_QUERIES);

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
    const lists: Hit[][] = [];
    const batch = BATCH_QUERIES * this.#dims;
    for (let from = 0; from < queries.length; from += batch)
      lists.push(...(await this.#nearest(matrix, queries.subarray(from, from + batch), perQuery)));
    return hitsOf(lists, perQuery);
  }

  async #nearest(matrix: LibraryMatrix, queries: Float32Array, perQuery: number): Promise<Hit[][]> {
    const quantised = quantise(queries, this.#dims);
    const nearest = Array.from(quantised.errors, (error) => new NearestRows(perQuery, error));
    let firstRow = 0;
    const firstRows: number[] = [];
    for (const block of matrix.blocks) {
      firstRows.push(firstRow);
      await this.#firstPass(block, quantised, firstRow, nearest);
      firstRow += block.rows;
    }
    return nearest.map((rows, query) => {
      const values = queries.subarray(query * this.#dims, (query + 1) * this.#dims);
      return exactHits(rows.rows(), matrix.blocks, firstRows, values).slice(0, perQuery);
    });
  }

  async #firstPass(
    block: Block,
    { count, numbers, steps }: QuantisedQueries,
    firstRow: number,
    nearest: NearestRows[],
  ): Promise<void> {
    const dims = this.#dims;
    const feeds = {
      queries: new Tensor("int8", numbers, [dims, count]),
      steps: new Tensor("float32", steps, [count]),
      groups: new Tensor("int64", BigInt64Array.of(-1n, BigInt(GROUP_ROWS), BigInt(count)), [3]),
    };
    for (let from = 0; from < block.rows; from += CHUNK_ROWS) {
      const groups = Math.ceil(Math.min(CHUNK_ROWS, block.rows - from) / GROUP_ROWS);
      const rows = groups * GROUP_ROWS;
      const codes = block.codes.subarray(from * dims, (from + rows) * dims);
      const inverseLengths = block.inverseLengths.subarray(from, from + rows);
      const similarities = this.#similarities.subarray(0, rows * count);
      const greatest = this.#greatest.subarray(0, groups * count);
      await this.#session.run(
        {
          ...feeds,
          codes: new Tensor("uint8", codes, [rows, dims]),
          inverse_lengths: new Tensor("float32", inverseLengths, [rows, 1]),
        },
        {
          similarities: new Tensor("float32", similarities, [rows, count]),
          greatest: new Tensor("float32", greatest, [groups, count]),
        },
      );
      collect(similarities, greatest, inverseLengths, firstRow + from, nearest);
    }
  }
}

/** Hands every row on that may be near enough; a group's greatest similarity spares looking at its rows. */
function collect(
  similarities: Float32Array,
  greatest: Float32Array,
  inverseLengths: Float32Array,
  firstRow: number,
  nearest: NearestRows[],
): void {
  const count = nearest.length;
  const cuts = Float64Array.from(nearest, ({ cut }) => cut);
  for (let at = 0, query = 0; at < greatest.length; at++, query = query + 1 === count ? 0 : query + 1) {
    if ((greatest[at] as number) < (cuts[query] as number)) continue;
    const rows = nearest[query] as NearestRows;
    const groupRow = ((at - query) / count) * GROUP_ROWS;
    for (let row = groupRow; row < groupRow + GROUP_ROWS; row++) {
      const similarity = similarities[row * count + query] as number;
      // Without a length it is dead, unused or blank: similar to nothing.
      if (similarity >= rows.cut && inverseLengths[row] !== 0) rows.add(firstRow + row, similarity);
    }
    cuts[query] = rows.cut;
  }
}

function exactHits(
  rows: Float64Array,
  blocks: readonly Block[],
  firstRows: readonly number[],
  query: Float32Array,
): Hit[] {
  const hits: Hit[] = [];
  let sum = 0;
  for (const value of query) sum += value;
  let at = 0;
  for (const row of rows) {
    while (at + 1 < blocks.length && (firstRows[at + 1] as number) <= row) at++;
    const block = blocks[at] as Block;
    const inBlock = row - (firstRows[at] as number);
    const owner = ownerOfRow(block, inBlock);
    if (!owner) continue;
    const from = inBlock * query.length;
    let product = -ZERO_CODE * sum;
    for (let i = 0; i < query.length; i++)
      product += (query[i] as number) * (block.codes[from + i] as number);
    const similarity = product * (block.inverseLengths[inBlock] as number);
    hits.push({ id: owner.id, frame: owner.frame, similarity });
  }
  return hits.sort((a, b) => b.similarity - a.similarity);
}

function hitsOf(lists: Hit[][], perQuery: number): FrameHits {
  const size = lists.length * perQuery;
  const positions = new Map<string, number>();
  const reference = new Int32Array(size).fill(-1);
  const frame = new Int32Array(size);
  const similarity = new Float32Array(size);
  lists.forEach((list, query) => {
    for (const [place, hit] of list.entries()) {
      const at = query * perQuery + place;
      if (!positions.has(hit.id)) positions.set(hit.id, positions.size);
      reference[at] = positions.get(hit.id) as number;
      frame[at] = hit.frame;
      similarity[at] = hit.similarity;
    }
  });
  return { perQuery, referenceIds: [...positions.keys()], reference, frame, similarity };
}
