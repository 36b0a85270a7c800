// Exact nearest frames. Many rows are searched in two passes: the first multiplies whole numbers and leaves every
// row that its error bound cannot rule out, the second gives these few their exact similarity. Few rows are
// multiplied as floats at once. Recall is 1 by construction and there is nothing to tune.

import type { FrameHits } from "../frame-track.ts";
import { BATCH_QUERIES, FrameMultiplication, type Products } from "./frame-multiplication.ts";
import { type Block, GROUP_ROWS, type LibraryMatrix, ownerOfRow } from "./library-matrix.ts";
import { NearestRows } from "./nearest-rows.ts";
import { quantise } from "./quantised-queries.ts";
import { type Hit, hitsOf, LibraryRows, nearestFirst } from "./row-hits.ts";

/** Up to so many the second pass takes longer than the first one saves. */
const FEW_ROWS = 16_384;

export class ExactSearch {
  readonly #multiplication: FrameMultiplication;
  readonly #dims: number;
  readonly #fewRows: number;

  private constructor(multiplication: FrameMultiplication, dims: number, fewRows: number) {
    this.#multiplication = multiplication;
    this.#dims = dims;
    this.#fewRows = fewRows;
  }

  static async start(dims: number, fewRows = FEW_ROWS): Promise<ExactSearch> {
    return new ExactSearch(await FrameMultiplication.start(dims), dims, fewRows);
  }

  /** Nearest frames of each query, float32 [queries, dims], best first. */
  async run(matrix: LibraryMatrix, queries: Float32Array, perQuery: number): Promise<FrameHits> {
    const library = new LibraryRows(matrix.blocks);
    const lists: Hit[][] = [];
    for (let from = 0; from < queries.length; from += BATCH_QUERIES * this.#dims) {
      const batch = queries.subarray(from, from + BATCH_QUERIES * this.#dims);
      const areFew = library.blocks.length <= 1 && library.count <= this.#fewRows;
      lists.push(
        ...(areFew
          ? await this.#atOnce(matrix.blocks[0], batch, perQuery)
          : await this.#inTwoPasses(library, batch, perQuery)),
      );
    }
    return hitsOf(lists, perQuery);
  }

  async #atOnce(block: Block | undefined, queries: Float32Array, perQuery: number): Promise<Hit[][]> {
    const lists: Hit[][] = Array.from({ length: queries.length / this.#dims }, () => []);
    if (!block || block.rows === 0) return lists;
    const found = await this.#multiplication.nearest(block, queries, perQuery);
    lists.forEach((list, query) => {
      for (let at = query * found.perQuery; at < (query + 1) * found.perQuery; at++) {
        const similarity = found.similarities[at] as number;
        const owner = similarity > Number.NEGATIVE_INFINITY && ownerOfRow(block, Number(found.positions[at]));
        if (owner) list.push({ id: owner.id, frame: owner.frame, similarity });
      }
    });
    return lists;
  }

  async #inTwoPasses(library: LibraryRows, queries: Float32Array, perQuery: number): Promise<Hit[][]> {
    const quantised = quantise(queries, this.#dims);
    const nearest = Array.from(quantised.errors, (error) => new NearestRows(perQuery, error));
    for (const { block, firstRow } of library.blocks)
      for await (const products of this.#multiplication.quick(block, quantised)) {
        const first = firstRow + products.from;
        if (first === 0) startCuts(products, quantised.steps, nearest);
        collect(products, quantised.steps, first, nearest);
      }
    return nearest.map((rows, query) => {
      const values = Float64Array.from(queries.subarray(query * this.#dims, (query + 1) * this.#dims));
      return nearestFirst(library, rows.exact(library.similarityTo(values)), perQuery);
    });
  }
}

/** The greatest similarities of the first chunk's groups, each another row's, rule most of its rows out at once. */
function startCuts(
  { products, inverseLengths }: Products,
  steps: Float32Array,
  nearest: NearestRows[],
): void {
  const count = nearest.length;
  const groups = Math.ceil(inverseLengths.length / GROUP_ROWS);
  nearest.forEach((rows, query) => {
    const ofGroups = new Float32Array(groups).fill(Number.NEGATIVE_INFINITY);
    inverseLengths.forEach((inverse, row) => {
      if (inverse === 0) return;
      const similarity = (products[row * count + query] as number) * inverse * (steps[query] as number);
      const group = Math.trunc(row / GROUP_ROWS);
      if (similarity > (ofGroups[group] as number)) ofGroups[group] = similarity;
    });
    rows.startWith(ofGroups);
  });
}

/** Hands every row on that may be near enough; a group's greatest product spares looking at its rows. */
function collect(
  { products, greatest, inverseLengths }: Products,
  steps: Float32Array,
  firstRow: number,
  nearest: NearestRows[],
): void {
  const count = nearest.length;
  const cutOf = (rows: NearestRows, query: number) => rows.cut / (steps[query] as number);
  const cuts = Float64Array.from(nearest, cutOf);
  for (let at = 0, groupRow = 0; at < greatest.length; groupRow += GROUP_ROWS) {
    let inverseLength = 0;
    for (let row = groupRow; row < groupRow + GROUP_ROWS; row++)
      inverseLength = Math.max(inverseLength, inverseLengths[row] as number);
    for (let query = 0; query < count; query++, at++) {
      const most = (greatest[at] as number) * inverseLength;
      const cut = cuts[query] as number;
      // Below 0 it is not the most, but 0 then is.
      if (most < cut && (most > 0 || cut > 0)) continue;
      const rows = nearest[query] as NearestRows;
      const step = steps[query] as number;
      for (let row = groupRow; row < groupRow + GROUP_ROWS; row++) {
        const inverse = inverseLengths[row] as number;
        // Without a length it is dead, unused or blank: similar to nothing.
        if (inverse === 0) continue;
        const similarity = (products[row * count + query] as number) * inverse * step;
        if (similarity >= rows.cut) rows.add(firstRow + row, similarity);
      }
      cuts[query] = cutOf(rows, query);
    }
  }
}
