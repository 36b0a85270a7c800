// One library's frames in memory, a byte a dimension, in a few large blocks that the exact search multiplies
// with. Rows of a deleted reference are dead until enough of them have gathered; then the living ones move up.

/** Rows that the search's first pass handles together; every block is a whole number of them. */
export const GROUP_ROWS = 16;
const FIRST_BLOCK_ROWS = 2 * GROUP_ROWS;
const BLOCK_ROWS = 65_536;
const COMPACT_MIN_DEAD_ROWS = 4_096;
/** What the first pass takes for the code 0: its codes are not negative. */
export const ZERO_CODE = 128;

export interface Block {
  /** [capacity, dims], each ZERO_CODE more than the code; the first `rows` are in use. */
  codes: Uint8Array;
  /** [capacity]: a frame's vector is its codes times this. 0 of rows that match nothing: dead, unused, blank. */
  inverseLengths: Float32Array;
  rows: number;
  /** Which reference each row belongs to; null when dead. */
  owners: Span[];
}
export interface Span {
  id: string | null;
  /** There, but in no search: its inverse lengths are 0. */
  isOut: boolean;
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
  /** Memory that is taken, also by rows that are dead or not in use yet. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + capacityOf(block), 0) * this.#rowBytes;
  }
  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  framesOf(id: string): number {
    return this.#spans.get(id)?.rows ?? 0;
  }

  /** What `put` of so many rows would add to `bytes`. */
  growthFor(rows: number): number {
    const last = this.#blocks.at(-1);
    const place = placeFor(last, rows);
    return (place.capacity - (place.isNew || !last ? 0 : capacityOf(last))) * this.#rowBytes;
  }

  put(id: string, codes: Int8Array, isOut = false): void {
    this.remove(id);
    const dims = this.#dims;
    const rows = codes.length / dims;
    const block = this.#blockFor(rows);
    for (let i = 0, to = block.rows * dims; i < codes.length; i++, to++)
      block.codes[to] = (codes[i] as number) + ZERO_CODE;
    const span: Span = { id, isOut, block, from: block.rows, rows };
    if (isOut) block.inverseLengths.fill(0, span.from, span.from + rows);
    else measure(span, dims);
    if (rows > 0) block.owners.push(span);
    block.rows += rows;
    this.#spans.set(id, span);
    this.#liveRows += rows;
  }

  /** Takes a reference out of searches, or back in; its rows stay where they are. */
  setOut(id: string, isOut: boolean): void {
    const span = this.#spans.get(id);
    if (!span || span.isOut === isOut) return;
    span.isOut = isOut;
    if (isOut) span.block.inverseLengths.fill(0, span.from, span.from + span.rows);
    else measure(span, this.#dims);
  }

  remove(id: string): boolean {
    const span = this.#spans.get(id);
    if (!span) return false;
    this.#spans.delete(id);
    span.id = null;
    span.block.inverseLengths.fill(0, span.from, span.from + span.rows);
    this.#liveRows -= span.rows;
    this.#deadRows += span.rows;
    const areMany = this.#deadRows > COMPACT_MIN_DEAD_ROWS && this.#deadRows > this.#liveRows / 3;
    if (areMany || this.#liveRows === 0) this.compact();
    return true;
  }

  /** In place: each living span moves to the first room behind those before it, never past where it is. */
  compact(): void {
    if (this.#deadRows === 0) return;
    let at = 0;
    const owners = this.#blocks.map((block) => block.owners);
    for (const block of this.#blocks) Object.assign(block, { owners: [], rows: 0 });
    for (const span of owners.flat()) {
      if (span.id === null) continue;
      let to = this.#blocks[at] as Block;
      while (capacityOf(to) - to.rows < span.rows) to = this.#blocks[++at] as Block;
      moveRows(span, to, this.#dims);
    }
    this.#deadRows = 0;
    this.#blocks = this.#blocks.filter(({ rows }) => rows > 0);
    for (const block of this.#blocks) block.inverseLengths.fill(0, block.rows);
    // Living rows in the last block alone may be few: it takes no more than they need.
    const last = this.#blocks.at(-1);
    if (last) resize(last, wholeGroups(last.rows), this.#dims);
  }

  get #rowBytes(): number {
    return this.#dims + Float32Array.BYTES_PER_ELEMENT;
  }

  #blockFor(rows: number): Block {
    const last = this.#blocks.at(-1);
    const { isNew, capacity } = placeFor(last, rows);
    if (last && !isNew) {
      if (capacity > capacityOf(last)) resize(last, capacity, this.#dims);
      return last;
    }
    const block: Block = {
      codes: new Uint8Array(capacity * this.#dims).fill(ZERO_CODE),
      inverseLengths: new Float32Array(capacity),
      rows: 0,
      owners: [],
    };
    this.#blocks.push(block);
    return block;
  }
}

const capacityOf = (block: Block) => block.inverseLengths.length;
export const wholeGroups = (rows: number) => Math.ceil(rows / GROUP_ROWS) * GROUP_ROWS;

/** A library's blocks double until they are BLOCK_ROWS long; no reference is split. */
function placeFor(last: Block | undefined, rows: number): { isNew: boolean; capacity: number } {
  if (rows === 0 && last === undefined) return { isNew: true, capacity: 0 };
  if (last === undefined) return { isNew: true, capacity: Math.max(FIRST_BLOCK_ROWS, wholeGroups(rows)) };
  const capacity = capacityOf(last);
  const needed = wholeGroups(last.rows + rows);
  if (needed <= capacity) return { isNew: false, capacity };
  if (needed <= BLOCK_ROWS)
    return { isNew: false, capacity: Math.min(BLOCK_ROWS, Math.max(2 * capacity, needed)) };
  return {
    isNew: true,
    capacity: Math.max(Math.min(BLOCK_ROWS, wholeGroups(2 * capacity)), wholeGroups(rows)),
  };
}

function resize(block: Block, capacity: number, dims: number): void {
  if (capacity === capacityOf(block)) return;
  const codes = new Uint8Array(capacity * dims).fill(ZERO_CODE);
  const inverseLengths = new Float32Array(capacity);
  codes.set(block.codes.subarray(0, block.rows * dims));
  inverseLengths.set(block.inverseLengths.subarray(0, block.rows));
  Object.assign(block, { codes, inverseLengths });
}

/** The inverse lengths of a span's rows, from their codes. */
function measure({ block, from, rows }: Span, dims: number): void {
  for (let row = from; row < from + rows; row++) {
    let square = 0;
    for (let i = row * dims; i < (row + 1) * dims; i++)
      square += ((block.codes[i] as number) - ZERO_CODE) ** 2;
    block.inverseLengths[row] = square === 0 ? 0 : 1 / Math.sqrt(square);
  }
}

function moveRows(span: Span, to: Block, dims: number): void {
  const { block, from, rows } = span;
  to.codes.set(block.codes.subarray(from * dims, (from + rows) * dims), to.rows * dims);
  to.inverseLengths.set(block.inverseLengths.subarray(from, from + rows), to.rows);
  Object.assign(span, { block: to, from: to.rows });
  to.owners.push(span);
  to.rows += rows;
}

/** The reference and frame that a row of a block belongs to, by binary search; null for one that is in no search. */
export function ownerOfRow(block: Block, row: number): { id: string; frame: number } | null {
  let low = 0;
  let high = block.owners.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((block.owners[middle] as Span).from <= row) low = middle;
    else high = middle - 1;
  }
  const span = block.owners[low];
  if (!span || span.id === null || span.isOut || row >= span.from + span.rows) return null;
  return { id: span.id, frame: row - span.from };
}
