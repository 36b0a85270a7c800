// One library's frame vectors in memory, in a few large blocks that the exact search multiplies with. Rows of
// a deleted reference are dead until enough of them have gathered; then the blocks are written anew.

const FIRST_BLOCK_ROWS = 1_024;
const BLOCK_ROWS = 65_536;
const COMPACT_MIN_DEAD_ROWS = 4_096;

export interface Block {
  /** float32 [capacity, dims]; the first `rows` are in use. */
  vectors: Float32Array;
  rows: number;
  /** Which reference each row belongs to; null when dead. */
  owners: Span[];
}
export interface Span {
  id: string | null;
  block: Block;
  from: number;
  rows: number;
}

export class LibraryMatrix {
  readonly #dims: number;
  readonly #spans = new Map<string, Span>();
  #blocks: Block[] = [];
  #liveRows = 0;
  #deadRows = 0;

  constructor(dims: number) {
    this.#dims = dims;
  }

  get references(): number {
    return this.#spans.size;
  }
  get frames(): number {
    return this.#liveRows;
  }
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.vectors.byteLength, 0);
  }
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  framesOf(id: string): number {
    return this.#spans.get(id)?.rows ?? 0;
  }

  put(id: string, vectors: Float32Array): void {
    this.remove(id);
    const rows = vectors.length / this.#dims;
    const block = this.#blockFor(rows);
    block.vectors.set(vectors, block.rows * this.#dims);
    const span: Span = { id, block, from: block.rows, rows };
    if (rows > 0) block.owners.push(span);
    block.rows += rows;
    this.#spans.set(id, span);
    this.#liveRows += rows;
  }

  remove(id: string): boolean {
    const span = this.#spans.get(id);
    if (!span) return false;
    this.#spans.delete(id);
    span.id = null;
    // A zero vector is similar to nothing, so that dead rows never push living ones out of the best k.
    span.block.vectors.fill(0, span.from * this.#dims, (span.from + span.rows) * this.#dims);
    this.#liveRows -= span.rows;
    this.#deadRows += span.rows;
    if (this.#deadRows > COMPACT_MIN_DEAD_ROWS && this.#deadRows > this.#liveRows / 3) this.compact();
    return true;
  }

  compact(): void {
    const living = [...this.#spans.values()];
    this.#blocks = [];
    this.#spans.clear();
    this.#liveRows = 0;
    this.#deadRows = 0;
    for (const { id, block, from, rows } of living)
      this.put(id as string, block.vectors.subarray(from * this.#dims, (from + rows) * this.#dims));
  }

  #blockFor(rows: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.vectors.length / this.#dims - last.rows >= rows) return last;
    const capacity = last ? last.vectors.length / this.#dims : FIRST_BLOCK_ROWS / 2;
    if (last && last.rows + rows <= BLOCK_ROWS) {
      const grown = new Float32Array(
        Math.min(BLOCK_ROWS, Math.max(2 * capacity, last.rows + rows)) * this.#dims,
      );
      grown.set(last.vectors.subarray(0, last.rows * this.#dims));
      last.vectors = grown;
      return last;
    }
    const size = Math.max(Math.min(BLOCK_ROWS, 2 * capacity), rows);
    const block: Block = { vectors: new Float32Array(size * this.#dims), rows: 0, owners: [] };
    this.#blocks.push(block);
    return block;
  }
}

/** The reference and frame that a row of a block belongs to, by binary search; null for a dead row. */
export function ownerOfRow(block: Block, row: number): { id: string; frame: number } | null {
  let low = 0;
  let high = block.owners.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((block.owners[middle] as Span).from <= row) low = middle;
    else high = middle - 1;
  }
  const span = block.owners[low];
  if (!span || span.id === null || row >= span.from + span.rows) return null;
  return { id: span.id, frame: row - span.from };
}
