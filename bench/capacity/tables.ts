// The capacity plan's tables as Markdown, each under the name that docs/scale.md marks its place with.

import { drawServiceS, meanServiceS } from "./checks.ts";
import { ASSUMED, FIGURES, MEASURED, PRICES, SCALES } from "./constants.ts";
import { costPerMillion, database, describedPerCoreAndS, indexNodes, traffic } from "./fleet.ts";
import { simulateQueue, type Traffic } from "./queue.ts";
import { DESIGNS, embeddedOf, storageOf } from "./storage.ts";

const row = (...cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
const table = (head: string[], rows: string[][]) =>
  [row(...head), row(...head.map(() => "---")), ...rows.map((cells) => row(...cells))].join("\n");

function amount(value: number): string {
  if (value >= 1e3 && value < 1e6) return Math.round(Number(value.toPrecision(3))).toLocaleString("en");
  const steps: [number, string][] = [
    [1e9, " billion"],
    [1e6, " million"],
  ];
  const [size, unit] = steps.find(([least]) => value >= least) ?? [1, ""];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}
const bytes = (value: number) =>
  value >= 1e12
    ? `${Number((value / 1e12).toPrecision(3))} TB`
    : `${Number((value / 1e9).toPrecision(3))} GB`;
const dollars = (value: number) => `$${Math.round(value).toLocaleString("en")}`;
const seconds = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

function growth(): string {
  const rows = Object.entries(FIGURES).flatMap(([kind, all]) =>
    all.map((one) => [
      kind,
      one.frames.toLocaleString("en"),
      `${one.p50Ms.toFixed(0)} ms`,
      `${one.p95Ms.toFixed(0)} ms`,
      `${one.leastMs.toFixed(0)} ms`,
      `${one.cpuMs.toFixed(0)} ms`,
      one.recall.toFixed(4),
      `${(one.residentBytes / 1e6).toFixed(0)} MB`,
      `${(one.storedBytes / 1e6).toFixed(0)} MB`,
      `${(one.openMs / 1000).toFixed(1)} s`,
      `${amount(one.framesPerS)}`,
      one.load.toFixed(1),
    ]),
  );
  const head =
    "index, frames, search p50, p95, least, CPU, recall@20, memory, disk, opening, frames added a second, load";
  return table(head.split(", "), rows);
}

const scaleNames = SCALES.map((references) => `${amount(references)} references`);

function storage(): string {
  const lines = SCALES.map((references) => embeddedOf(references));
  const rows = [
    ["frames kept", ...lines.map(({ frames }) => amount(frames))],
    ["embedded: memory", ...lines.map(({ memoryBytes }) => bytes(memoryBytes))],
    ["embedded: disk", ...lines.map(({ diskBytes }) => bytes(diskBytes))],
    [
      "embedded: one check's search, were all of it one library",
      ...lines.map(({ searchS }) => `${amount(searchS)} s`),
    ],
  ];
  for (const design of DESIGNS) {
    const stored = SCALES.map((references) => storageOf(design, references));
    rows.push(
      [`${design.name}: vectors`, ...stored.map(({ vectors }) => amount(vectors))],
      ["… memory, one copy", ...stored.map(({ memoryBytes }) => bytes(memoryBytes))],
      ["… disk, one copy, with the packed tracks", ...stored.map(({ diskBytes }) => bytes(diskBytes))],
    );
  }
  return table(["", ...scaleNames], rows);
}

function nodes(): string {
  const rows = DESIGNS.map((design) => [
    design.name,
    ...SCALES.map((references) => {
      const { nodes: count, bound, month } = indexNodes(design, references);
      return `${count.toLocaleString("en")} (${bound}), ${dollars(month)} a month`;
    }),
  ]);
  return table(["", ...scaleNames], rows);
}

function fleet(): string {
  const all = SCALES.map(traffic);
  const stored = SCALES.map(database);
  return table(
    ["", ...scaleNames],
    [
      ["checks a day", ...all.map(({ checksPerDay }) => amount(checksPerDay))],
      ["analyses a second at the peak", ...all.map(({ peakPerS }) => amount(peakPerS))],
      ["backends of two cores", ...all.map(({ backends }) => amount(backends))],
      ["… or GPU machines", ...all.map(({ gpuMachines }) => amount(gpuMachines))],
      ["rows in D1", ...stored.map(({ bytes: size }) => bytes(size))],
      ["… databases of 10 GB, three quarters full", ...stored.map(({ databases }) => amount(databases))],
    ],
  );
}

function cost(): string {
  const rows = DESIGNS.flatMap((design) => {
    const all = SCALES.map((references) => costPerMillion(design, references));
    return [
      [`${design.name}: index`, ...all.map(({ index }) => dollars(index))],
      ["… total, CPU backends", ...all.map((one) => dollars(one.edge + one.index + one.cpuBackends))],
      ["… total, GPU backends", ...all.map((one) => dollars(one.edge + one.index + one.gpuBackends))],
    ];
  });
  const first = SCALES.map((references) =>
    costPerMillion(DESIGNS[0] as (typeof DESIGNS)[number], references),
  );
  rows.unshift(
    ["edge", ...first.map(({ edge }) => dollars(edge))],
    ["CPU backends", ...first.map(({ cpuBackends }) => dollars(cpuBackends))],
    ["or GPU backends", ...first.map(({ gpuBackends }) => dollars(gpuBackends))],
  );
  return table(["dollars a million checks", ...scaleNames], rows);
}

const SERVERS = 16;
const HOUR_S = 3_600;

function steady(load: number): Traffic {
  const rate = (load * SERVERS) / meanServiceS();
  return {
    servers: SERVERS,
    serviceS: drawServiceS,
    rate: () => rate,
    greatestRate: rate,
    untilS: 12 * HOUR_S,
    countFromS: HOUR_S,
    seed: Math.round(100 * load),
  };
}

/** Half busy, then five times as many for a minute. */
function burst(): Traffic {
  const rate = (0.5 * SERVERS) / meanServiceS();
  return {
    ...steady(0.5),
    rate: (timeS) => (timeS >= HOUR_S && timeS < HOUR_S + 60 ? 5 * rate : rate),
    greatestRate: 5 * rate,
    untilS: HOUR_S + 600,
    countFromS: HOUR_S,
  };
}

function waits(): string {
  const cases: [string, Traffic][] = [
    ["50 % busy", steady(0.5)],
    ["70 % busy", steady(0.7)],
    ["90 % busy", steady(0.9)],
    ["50 % busy, five times as many for a minute: the ten minutes from then on", burst()],
  ];
  return table(
    [`${SERVERS} backends`, "checks", "wait p50", "p95", "p99", "mean", "longest"],
    cases.map(([name, traffic]) => {
      const found = simulateQueue(traffic);
      const times = [found.p50S, found.p95S, found.p99S, found.meanS, found.longestS];
      return [name, amount(found.checks), ...times.map((time) => `${seconds(time)} s`)];
    }),
  );
}

function inputs(): string {
  const list = (values: object) =>
    Object.entries(values).map(([name, value]) => [
      `\`${name}\``,
      typeof value === "object"
        ? JSON.stringify(value).replaceAll(/["{}]/g, "").replaceAll(",", ", ")
        : String(value),
    ]);
  const derived = [
    ["mean work of an analysis on a two-core backend", `${meanServiceS().toFixed(2)} s`],
    ["frames a core describes", `${describedPerCoreAndS.toFixed(0)} a second`],
  ];
  return [
    table(["measured", ""], list(MEASURED)),
    table(["assumed", ""], list(ASSUMED)),
    table(["prices, US dollars", ""], list(PRICES)),
    table(["follows", ""], derived),
  ].join("\n\n");
}

export const TABLES: Record<string, () => string> = { growth, inputs, storage, nodes, fleet, cost, waits };
