// Pictures that say which they are: 16 cells, black or white, large enough to live through any codec. Six bits are the
// picture's number, two the clip's variant, eight a check, so that damage does not read as another number.

/** A picture's cells, across and down. */
const CELLS = 4;
/** Width and height to which pictures are scaled before their cells are read. */
export const SIDE = 64;
const CHECK_BITS = 8;
const VARIANT_BITS = 2;
const MOST_PICTURES = 64;
const WHITE = 235;
const BLACK = 16;
const WHITE_FROM = 155;
const BLACK_TO = 95;

/** Any fixed mix will do; the same one is written as an expression below. */
const checkOf = (value: number) => (value * 57 + 101) % 2 ** CHECK_BITS;

/** ffmpeg's `geq` for pictures 0, 1, … of a variant; grain, so that pictures have bytes to damage. */
export function numberedPictures(variant: number): string {
  const value = `(mod(N,${MOST_PICTURES})+${MOST_PICTURES * variant})`;
  const code = `(${value}+${2 ** CHECK_BITS}*mod(${value}*57+101,${2 ** CHECK_BITS}))`;
  const cell = `(floor(X*${CELLS}/W)+${CELLS}*floor(Y*${CELLS}/H))`;
  const bit = `mod(floor(${code}/pow(2,${cell})),2)`;
  return `geq=lum='${BLACK + 10}+${WHITE - BLACK - 20}*${bit}+10*sin(X*1.7+N*2.3)*cos(Y*1.3-N)':cb=128+30*sin(N/5):cr=128`;
}

export interface ReadPicture {
  number: number;
  variant: number;
}

/** Null where the cells say nothing. `cells` has the mean brightness of each, row by row. */
export function readCells(cells: ArrayLike<number>): ReadPicture | null {
  let code = 0;
  for (let i = 0; i < CELLS * CELLS; i++) {
    const brightness = cells[i] as number;
    if (brightness > BLACK_TO && brightness < WHITE_FROM) return null;
    if (brightness >= WHITE_FROM) code += 2 ** i;
  }
  const value = code % 2 ** CHECK_BITS;
  if (Math.floor(code / 2 ** CHECK_BITS) !== checkOf(value)) return null;
  return { number: value % MOST_PICTURES, variant: Math.floor(value / MOST_PICTURES) % 2 ** VARIANT_BITS };
}

/** Mean brightness of the middle of each cell; `pixels` is rgb24, SIDE × SIDE. */
export function cellsOf(pixels: Uint8Array): number[] {
  const cells: number[] = [];
  for (let row = 0; row < CELLS; row++)
    for (let column = 0; column < CELLS; column++) {
      let sum = 0;
      let count = 0;
      for (let y = Math.ceil(((row + 0.25) * SIDE) / CELLS); y < ((row + 0.75) * SIDE) / CELLS; y++)
        for (let x = Math.ceil(((column + 0.25) * SIDE) / CELLS); x < ((column + 0.75) * SIDE) / CELLS; x++) {
          sum += pixels[3 * (y * SIDE + x) + 1] as number;
          count++;
        }
      cells.push(sum / count);
    }
  return cells;
}
