// A similarity matrix as a picture: query down, reference across, the brighter the more alike, with lines drawn
// over it where segments were found.

import { encodePng } from "./png.ts";

export interface Matrix {
  rows: number;
  columns: number;
  /** The cosine of a query place (row) with a reference place (column); NaN where either shows nothing. */
  at(row: number, column: number): number;
}

export type LineColour = keyof typeof LINE_COLOURS;

/** From one place to another, in cells; fractions are welcome. */
export interface MatrixLine {
  from: { row: number; column: number };
  to: { row: number; column: number };
  colour: LineColour;
  dashed?: boolean;
}

export interface MatrixPictureOptions {
  /** Pixels of the longer side, at most; small matrices are enlarged to about this. */
  maxSide?: number;
  /** The cosine that is shown darkest; 1 is the brightest. */
  darkest?: number;
}

export interface MatrixPicture {
  png: Uint8Array;
  width: number;
  height: number;
}

const DEFAULT_MAX_SIDE = 360;
const MAX_ENLARGEMENT = 24;
/** Rows read of those that a pixel stands for; in them every column, since a diagonal crosses them all. */
const SAMPLED_ROWS = 4;
const SHADES = 250;
const BLANK = SHADES;

export const LINE_COLOURS = {
  red: [255, 59, 48],
  green: [52, 224, 90],
  white: [255, 255, 255],
} as const;

/** Stops of the colour scale, dark to bright. */
const SCALE = [
  [12, 8, 38],
  [38, 52, 120],
  [36, 118, 142],
  [74, 182, 112],
  [250, 230, 90],
] as const;
const BLANK_COLOUR = [90, 90, 96] as const;

function scaleColour(share: number): number[] {
  const at = share * (SCALE.length - 1);
  const below = Math.min(SCALE.length - 2, Math.floor(at));
  return [0, 1, 2].map((channel) => {
    const [a = 0, b = 0] = [SCALE[below]?.[channel], SCALE[below + 1]?.[channel]];
    return Math.round(a + (at - below) * (b - a));
  });
}

const PALETTE = Uint8Array.from(
  [
    ...Array.from({ length: SHADES }, (_, i) => scaleColour(i / (SHADES - 1))),
    BLANK_COLOUR,
    ...Object.values(LINE_COLOURS),
  ].flat(),
);
const lineIndex = (colour: LineColour) => SHADES + 1 + Object.keys(LINE_COLOURS).indexOf(colour);

/** The brightest of the cells that a pixel stands for, so that a thin diagonal survives being made smaller. */
function brightest(matrix: Matrix, [top, bottom]: Span, [left, right]: Span): number {
  let best = Number.NaN;
  const step = Math.max(1, (bottom - top) / SAMPLED_ROWS);
  for (let row = top; row < bottom; row += step)
    for (let column = left; column < right; column++) {
      const value = matrix.at(Math.floor(row), column);
      if (value > best || Number.isNaN(best)) best = value;
    }
  return best;
}

type Span = [number, number];

/** The cells that pixel `i` of `pixels` stands for: one when enlarged, several when made smaller. */
function cellsOf(i: number, pixels: number, cells: number): Span {
  const first = Math.floor((i * cells) / pixels);
  return [first, Math.max(first + 1, Math.floor(((i + 1) * cells) / pixels))];
}

function drawLine(canvas: Canvas, { from, to, colour, dashed }: MatrixLine, scale: number): void {
  const [x0, y0, x1, y1] = [from.column, from.row, to.column, to.row].map((cell) => cell * scale) as [
    number,
    number,
    number,
    number,
  ];
  const steps = Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1));
  for (let step = 0; step <= steps; step++) {
    if (dashed && step % 8 >= 4) continue;
    const x = Math.round(x0 + ((x1 - x0) * step) / steps);
    const y = Math.round(y0 + ((y1 - y0) * step) / steps);
    // Two pixels thick.
    for (const [dx, dy] of [
      [0, 0],
      [-1, 0],
      [0, -1],
      [-1, -1],
    ] as const)
      if (x + dx >= 0 && x + dx < canvas.width && y + dy >= 0 && y + dy < canvas.height)
        canvas.pixels[(y + dy) * canvas.width + x + dx] = lineIndex(colour);
  }
}

interface Canvas {
  width: number;
  height: number;
  pixels: Uint8Array;
}

export function matrixPicture(
  matrix: Matrix,
  lines: readonly MatrixLine[] = [],
  { maxSide = DEFAULT_MAX_SIDE, darkest = 0 }: MatrixPictureOptions = {},
): MatrixPicture {
  const { rows, columns } = matrix;
  if (rows < 1 || columns < 1) throw new Error("a matrix without cells has no picture");
  const fitting = maxSide / Math.max(rows, columns);
  const scale = fitting >= 1 ? Math.min(MAX_ENLARGEMENT, Math.floor(fitting)) : fitting;
  const size = (cells: number) => Math.max(1, Math.floor(cells * scale));
  const canvas: Canvas = { width: size(columns), height: size(rows), pixels: new Uint8Array(0) };
  const { width, height } = canvas;
  canvas.pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const across = cellsOf(y, height, rows);
    for (let x = 0; x < width; x++) {
      const value = brightest(matrix, across, cellsOf(x, width, columns));
      const share = Math.min(1, Math.max(0, (value - darkest) / (1 - darkest)));
      canvas.pixels[y * width + x] = Number.isNaN(value) ? BLANK : Math.round(share * (SHADES - 1));
    }
  }
  for (const line of lines) drawLine(canvas, line, scale);
  return { png: encodePng({ ...canvas, palette: PALETTE }), width, height };
}
