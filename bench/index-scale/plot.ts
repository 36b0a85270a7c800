// How search time and memory grow, as an SVG of two panels. Both axes are logarithmic: what grows with the
// library is a straight line.

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
const EDGE = { left: 60, right: 20, top: 40, bottom: 40 };

const decadesAround = (values: number[]) => ({
  from: Math.floor(Math.log10(Math.min(...values))),
  to: Math.ceil(Math.log10(Math.max(...values)) + 1e-9),
});

function panel({ title, figureOf, unit }: Panel, all: Record<string, Figures[]>, left: number): string {
  const every = Object.values(all).flat();
  const x = decadesAround(every.map(({ frames }) => frames));
  const y = decadesAround(every.map(figureOf));
  const inside = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const atX = (frames: number) =>
    left + EDGE.left + ((Math.log10(frames) - x.from) / (x.to - x.from)) * inside.width;
  const atY = (value: number) =>
    HEIGHT - EDGE.bottom - ((Math.log10(value) - y.from) / (y.to - y.from)) * inside.height;
  const steps = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const parts = [`<text x="${left + EDGE.left}" y="22" font-weight="bold">${title}</text>`];
  for (const value of steps(y.from, y.to))
    parts.push(
      `<line x1="${atX(10 ** x.from)}" x2="${atX(10 ** x.to)}" y1="${atY(value)}" y2="${atY(value)}" stroke="#ddd"/>`,
      `<text x="${left + EDGE.left - 6}" y="${atY(value) + 4}" text-anchor="end">${value.toLocaleString("en")} ${unit}</text>`,
    );
  for (const frames of steps(x.from, x.to))
    parts.push(
      `<line x1="${atX(frames)}" x2="${atX(frames)}" y1="${atY(10 ** y.from)}" y2="${atY(10 ** y.to)}" stroke="#ddd"/>`,
      `<text x="${atX(frames)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${frames.toLocaleString("en")}</text>`,
    );
  for (const [kind, figures] of Object.entries(all)) {
    const colour = COLOURS[kind] ?? "#333";
    const points = figures.map((one) => ({
      x: atX(one.frames).toFixed(1),
      y: atY(figureOf(one)).toFixed(1),
    }));
    const [last, lastFigures] = [points.at(-1), figures.at(-1)];
    parts.push(
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((p) => `${p.x},${p.y}`).join(" ")}"/>`,
      ...points.map((p) => `<circle cx="${p.x}" cy="${p.y}" r="3" fill="${colour}"/>`),
    );
    if (last && lastFigures)
      parts.push(
        `<text x="${last.x}" y="${Number(last.y) - 8}" text-anchor="end" fill="${colour}">${kind}: ${figureOf(lastFigures).toFixed(0)} ${unit}</text>`,
      );
  }
  return parts.join("\n");
}

export function growthPlot(all: Record<string, Figures[]>): string {
  const width = PANELS.length * WIDTH;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<title>Search time and memory by frames in the library</title>`,
    `<rect width="${width}" height="${HEIGHT}" fill="#fff"/>`,
    ...PANELS.map((one, i) => panel(one, all, i * WIDTH)),
    `</svg>\n`,
  ].join("\n");
}
