// Damaged and lying files of every container and codec, through the media stages in this process.

import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { between, pick } from "../files/random-choice.ts";
import type { CaseResult, Part, PartContext, RunningPart } from "../part.ts";
import { changesOf } from "./mutate/changes/all.ts";
import { shownLeniently } from "./mutate/lenient-player.ts";
import { type Look, lookAt } from "./mutate/look.ts";
import { SEEDS, type Seed, seedFile } from "./mutate/seeds.ts";
import { unseenOf } from "./mutate/unseen.ts";

const CASES = 10_200;
const MOST_CHANGES = 3;
const HANG_MS = 10_000;

interface Mutated {
  kind: string;
  bytes: Buffer;
}

async function mutated(seed: Seed, random: () => number): Promise<Mutated> {
  const changes = changesOf(seed.extension);
  let bytes: Buffer = readFileSync(await seedFile(seed, 1));
  let kind = "";
  // Most files are changed once: the second change often hides what the first one did.
  for (let times = random() < 0.6 ? 1 : between(random, 2, MOST_CHANGES); times > 0; times--) {
    const [name, change] = pick(random, changes);
    bytes = await change({ bytes, random, other: async () => readFileSync(await seedFile(seed, 2)) });
    kind ||= name;
  }
  return { kind: `${seed.container} ${kind}`, bytes };
}

/** One sentence about what is wrong; null when nothing is. */
async function faultOf(look: Look, file: string, ms: number): Promise<string | null> {
  if (ms > HANG_MS) return `it took ${(ms / 1000).toFixed(1)} s`;
  if (look.answer === "broken")
    return `it broke: ${look.error instanceof Error ? look.error.stack : look.error}`;
  return look.answer === "whole" ? unseenOf(await shownLeniently(file), look.seen) : null;
}

async function open({ folder }: PartContext): Promise<RunningPart> {
  await mkdir(folder, { recursive: true });
  const answers = new Map<string, number>();
  let slowestMs = 0;
  return {
    async run(index, random, signal): Promise<CaseResult> {
      const seed = SEEDS[index % SEEDS.length]!;
      const { kind, bytes } = await mutated(seed, random);
      const file = join(folder, `${index}-${seed.codec}.${seed.extension}`);
      await writeFile(file, bytes);
      const startedMs = performance.now();
      const look = await lookAt(file, signal);
      const ms = performance.now() - startedMs;
      slowestMs = Math.max(slowestMs, ms);
      answers.set(look.answer, (answers.get(look.answer) ?? 0) + 1);
      const fault = await faultOf(look, file, ms);
      if (fault === null) await rm(file, { force: true });
      return {
        kind,
        held: fault === null,
        ...(fault === null ? {} : { detail: `${seed.codec}: ${fault}`, keep: [file] }),
      };
    },
    figures: async () => ({
      seeds: SEEDS.length,
      "slowest s": (slowestMs / 1000).toFixed(1),
      answers: [...answers].map(([answer, times]) => `${answer} ${times}`).join(", "),
    }),
    close: async () => {},
  };
}

export const part: Part = {
  name: "mutate",
  about:
    "damaged and lying files; failed: a stage breaks, takes over 10 s, or takes for whole what it has not seen " +
    "and a lenient player shows",
  cases: CASES,
  slice: 16,
  atOnce: 2,
  open,
};
