// npm run bench:index [-- --frames 1000000 --index embedded|qdrant --qdrant-url URL --qdrant-pid PID --folder DIR]:
// how a 60-frame check's search grows with the library: time, recall against multiplying everything, memory,
// disk, filling and opening. Figures are kept in bench/figures/index-scale.json, from which the plot is drawn.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { entryOf } from "@twinframe/gpu-backend/testing/tracks";
import { execa } from "execa";
import { CHECK_FRAMES, framesOf, idOf, NOISE, referencesFor, trackNumber } from "./index-scale/frames.ts";
import type { Asked, Measured } from "./index-scale/measure.ts";
import { type IndexChoice, LIBRARY, openIndex } from "./index-scale/open-index.ts";
import { type Figures, growthPlot } from "./index-scale/plot.ts";
import { quantile } from "./statistics.ts";

const FIGURES = fileURLToPath(new URL("./figures/index-scale.json", import.meta.url));
const PLOT = fileURLToPath(new URL("../docs/pictures/index-scale.svg", import.meta.url));
const PARTS_OF_ALL = [0.1, 0.3, 1];
const AT_ONCE = { embedded: 1, qdrant: 4 };

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "1000000" },
    index: { type: "string", default: "embedded" },
    "qdrant-url": { type: "string" },
    "qdrant-pid": { type: "string" },
    "per-query": { type: "string", default: "128" },
    rounds: { type: "string", default: "30" },
    folder: { type: "string" },
    keep: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);

/** References from..to, each acknowledged as durable; frames a second. */
async function fill(choice: IndexChoice, from: number, to: number): Promise<number> {
  const index = await openIndex(choice);
  let frames = 0;
  let spentMs = 0;
  const atOnce = AT_ONCE[choice.kind as keyof typeof AT_ONCE] ?? 1;
  for (let number = from; number < to; number += atOnce) {
    const size = Math.min(atOnce, to - number);
    const entries = Array.from({ length: size }, (_, i) =>
      entryOf(idOf(number + i), trackNumber(number + i), { library: LIBRARY }),
    );
    const startMs = performance.now();
    await Promise.all(entries.map((entry) => index.upsertReference(entry)));
    spentMs += performance.now() - startMs;
    for (let i = 0; i < size; i++) frames += framesOf(number + i);
  }
  await index.optimise();
  await index.close();
  return (1000 * frames) / spentMs;
}

async function measure(asked: Asked): Promise<Measured> {
  const module = fileURLToPath(new URL("./index-scale/measure.ts", import.meta.url));
  const { stdout } = await execa(process.execPath, [module, JSON.stringify(asked)], {
    stdin: "ignore",
    stderr: "inherit",
  });
  return JSON.parse(stdout) as Measured;
}

function show(name: string, frames: number, figures: Figures): void {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    [
      `${name} ${frames.toLocaleString("en")} frames in ${figures.references.toLocaleString("en")} references`,
      `  search of ${CHECK_FRAMES} frames  p50 ${figures.p50Ms.toFixed(0)} ms, p95 ${figures.p95Ms.toFixed(0)} ms, least ${figures.leastMs.toFixed(0)} ms, CPU ${figures.cpuMs.toFixed(0)} ms`,
      `  recall@20              ${figures.recall.toFixed(4)}`,
      `  memory                 ${mb(figures.bytes)} of vectors by its own count, ${mb(figures.residentBytes)} resident`,
      `  disk                   ${mb(figures.storedBytes)}`,
      `  opening                ${(figures.openMs / 1000).toFixed(1)} s`,
      `  adding                 ${figures.framesPerS.toFixed(0)} frames/s, ${(figures.framesPerS / (frames / figures.references)).toFixed(0)} references/s`,
      `  load average           ${figures.load.toFixed(1)} on ${availableParallelism()} cores`,
    ].join("\n"),
  );
}

async function keep(kind: string, all: Figures[]): Promise<void> {
  const known = JSON.parse(await readFile(FIGURES, "utf8").catch(() => "{}")) as Record<string, Figures[]>;
  const figures = { ...known, [kind]: all };
  await mkdir(fileURLToPath(new URL("./figures/", import.meta.url)), { recursive: true });
  await writeFile(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(PLOT, growthPlot(figures));
  say(`wrote ${FIGURES} and ${PLOT}`);
}

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), "twinframe-bench-index-")));
await mkdir(folder, { recursive: true });
const choice: IndexChoice = { kind: values.index, folder, qdrantUrl: values["qdrant-url"] };
const all: Figures[] = [];
try {
  console.log(
    `nearest ${values["per-query"]} of each frame; copies with noise of ${NOISE} (cosine ${(1 / Math.hypot(1, NOISE)).toFixed(2)}), a third distractors`,
  );
  let filled = 0;
  for (const part of PARTS_OF_ALL) {
    const references = referencesFor(part * Number(values.frames));
    say(`adding references ${filled} to ${references} …`);
    const framesPerS = await fill(choice, filled, references);
    filled = references;
    const measured = await measure({
      ...choice,
      references,
      perQuery: Number(values["per-query"]),
      rounds: Number(values.rounds),
      serverPid: values["qdrant-pid"] ? Number(values["qdrant-pid"]) : undefined,
    });
    const { searchMs, ...rest } = measured;
    const figures: Figures = {
      ...rest,
      references,
      framesPerS,
      p50Ms: quantile(searchMs, 0.5),
      p95Ms: quantile(searchMs, 0.95),
      leastMs: Math.min(...searchMs),
      load: loadavg()[0] as number,
    };
    all.push(figures);
    show(values.index, measured.frames, figures);
  }
  if (values.save) await keep(values.index, all);
} finally {
  if (!values.keep && values.folder === undefined) await rm(folder, { recursive: true, force: true });
}
