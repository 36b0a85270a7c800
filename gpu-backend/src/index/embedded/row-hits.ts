// From a library's rows, counted through all its blocks, to the references and frames that they are.

import type { FrameHits } from "../frame-track.ts";
import { descendingOrder } from "./descending-order.ts";
import { type Block, ownerOfRow, ZERO_CODE } from "./library-matrix.ts";
import type { FoundRows } from "./nearest-rows.ts";

export interface Hit {
  id: string;
  frame: number;
  similarity: number;
}
interface PlacedBlock {
  block: Block;
  firstRow: number;
}

export class LibraryRows {
  readonly blocks: PlacedBlock[] = [];
  readonly count: number;

  constructor(blocks: readonly Block[]) {
    let firstRow = 0;
    for (const block of blocks) {
      this.blocks.push({ block, firstRow });
      firstRow += block.rows;
    }
    this.count = firstRow;
  }

  placeOf(row: number): PlacedBlock {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.blocks[middle] as PlacedBlock).firstRow <= row) low = middle;
      else high = middle - 1;
    }
    return this.blocks[low] as PlacedBlock;
  }

  /** The exact cosine of any row with a query of length 1. */
  similarityTo(query: Float64Array): (row: number) => number {
    const zero = ZERO_CODE * query.reduce((sum, value) => sum + value, 0);
    return (row) => {
      const { block, firstRow } = this.placeOf(row);
      const product = productOf(query, block.codes, (row - firstRow) * query.length) - zero;
      return product * (block.inverseLengths[row - firstRow] as number);
    };
  }
}

/** Four sums side by side: most of the second pass' time is here. */
function productOf(values: Float64Array, codes: Uint8Array, from: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0, at = from; i < whole; i += 4, at += 4) {
    p += (values[i] as number) * (codes[at] as number);
    q += (values[i + 1] as number) * (codes[at + 1] as number);
    r += (values[i + 2] as number) * (codes[at + 2] as number);
    s += (values[i + 3] as number) * (codes[at + 3] as number);
  }
  for (let i = whole; i < values.length; i++) p += (values[i] as number) * (codes[from + i] as number);
  return p + q + r + s;
}

export function nearestFirst(library: LibraryRows, { rows, similarities }: FoundRows, wanted: number): Hit[] {
  const hits: Hit[] = [];
  for (const i of descendingOrder(similarities, rows.length, wanted)) {
    const { block, firstRow } = library.placeOf(rows[i] as number);
    const owner = ownerOfRow(block, (rows[i] as number) - firstRow);
    if (owner) hits.push({ id: owner.id, frame: owner.frame, similarity: similarities[i] as number });
  }
  return hits;
}

export function hitsOf(lists: Hit[][], perQuery: number): FrameHits {
  const size = lists.length * perQuery;
  const positions = new Map<string, number>();
  const reference = new Int32Array(size).fill(-1);
  const frame = new Int32Array(size);
  const similarity = new Float32Array(size);
  lists.forEach((list, query) => {
    let at = query * perQuery;
    for (const hit of list) {
      let position = positions.get(hit.id);
      if (position === undefined) {
        position = positions.size;
        positions.set(hit.id, position);
      }
      reference[at] = position;
      frame[at] = hit.frame;
      similarity[at++] = hit.similarity;
    }
  });
  return { perQuery, referenceIds: [...positions.keys()], reference, frame, similarity };
}
