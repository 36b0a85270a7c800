// How search time and memory grow, as an SVG of two panels. Both axes are logarithmic: what grows with the
// library is a straight line.

import { dot, line, text } from "@observablehq/plot";
import { drawPlot } from "@twinframe/evaluation/draw-plot";

export interface Figures {
  frames: number;
  references: number;
  p50Ms: number;
  p95Ms: number;
  leastMs: number;
  cpuMs: number;
  recall: number;
  bytes: number;
  storedBytes: number;
  residentBytes: number;
  openMs: number;
  framesPerS: number;
  load: number;
}

interface Panel {
  title: string;
  figureOf: (figures: Figures) => number;
  unit: string;
}

const PANELS: Panel[] = [
  { title: "Search of 60 frames, p50", figureOf: ({ p50Ms }) => p50Ms, unit: "ms" },
  { title: "Resident memory", figureOf: ({ residentBytes }) => residentBytes / 1e6, unit: "MB" },
];
const COLOURS: Record<string, string> = { embedded: "#1f6feb", qdrant: "#c2410c" };
const WIDTH = 380;
const HEIGHT = 260;

/** The powers of ten from below the least to above the greatest, or to one that it passes by little. */
function decadesAround(values: number[]): number[] {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.ceil(Math.log10(Math.max(...values)) - 0.05);
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}

function logarithmic(values: number[]) {
  const ticks = decadesAround(values);
  return {
    type: "log",
    domain: [ticks[0], Math.max(...values, ...ticks)],
    ticks,
    grid: true,
    labelArrow: "none",
  } as const;
}

function panel({ title, figureOf, unit }: Panel, all: Record<string, Figures[]>): string {
  const points = Object.entries(all).flatMap(([kind, figures]) =>
    figures.map((one) => ({
      kind,
      frames: one.frames,
      value: figureOf(one),
      colour: COLOURS[kind] ?? "#333",
    })),
  );
  const at = { x: "frames", y: "value", z: "kind" } as const;
  const lastOf = [...Map.groupBy(points, ({ kind }) => kind).values()].flatMap((ofKind) => ofKind.slice(-1));
  return drawPlot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    marginRight: 30,
    marginTop: 40,
    marginBottom: 40,
    color: { type: "identity" },
    x: {
      ...logarithmic(points.map(({ frames }) => frames)),
      label: "frames in the library",
      tickFormat: (frames: number) => frames.toLocaleString("en"),
    },
    y: {
      ...logarithmic(points.map(({ value }) => value)),
      label: title,
      tickFormat: (value: number) => `${value.toLocaleString("en")} ${unit}`,
    },
    marks: [
      line(points, { ...at, stroke: "colour", strokeWidth: 2 }),
      dot(points, { ...at, fill: "colour", r: 3 }),
      text(lastOf, {
        ...at,
        text: ({ kind, value }) => `${kind}: ${value.toFixed(0)} ${unit}`,
        fill: "colour",
        textAnchor: "end",
        dy: -10,
      }),
    ],
  });
}

export function growthPlot(all: Record<string, Figures[]>): string {
  const width = PANELS.length * WIDTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}">`,
    `<title>Search time and memory by frames in the library</title>`,
    `<rect width="${width}" height="${HEIGHT}" fill="#fff"/>`,
    ...PANELS.map((one, i) => `<g transform="translate(${i * WIDTH})">${panel(one, all)}</g>`),
    `</svg>\n`,
  ].join("\n");
}
