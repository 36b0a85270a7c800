// Copies hidden by tricks, checked by the real pipeline.

import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { PROBLEMS, type ProblemCode } from "@twinframe/shared/problem";
import type { CaseResult, Part, PartContext, RunningPart } from "../part.ts";
import { decoy, encoded, type Reference, references } from "./evade/clips.ts";
import { openPipeline, type Pipeline } from "./evade/pipeline.ts";
import type { Making } from "./evade/trick.ts";
import { TRICKS } from "./evade/tricks/all.ts";

/** Each trick hides so many references, of another sort each time. */
const TIMES = 4;
const REAL = 6;
const MAKING_TIMEOUT_MS = 120_000;
const DECOYS = 5;
const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);

const ffmpeg = async (args: string[]): Promise<void> => {
  const options = { timeout: MAKING_TIMEOUT_MS, killSignal: "SIGKILL" } as const;
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], options);
};

/** Right is to find it, to let a person look, or to refuse the file. */
const isRight = (answer: string) =>
  ["duplicate", "partial_copy", "review"].includes(answer) ||
  (answer in PROBLEMS && PROBLEMS[answer as ProblemCode].status < 500);

async function addAll(pipeline: Pipeline, all: Reference[], signal: AbortSignal): Promise<void> {
  for (const { name, file } of all) await pipeline.add(name.replaceAll(/[^\w-]/g, "_"), file);
  for (const { name, file } of all) {
    const answer = await pipeline.check(await encoded(file), signal);
    // A clip that is not found unhidden would say nothing of the tricks.
    if (answer === "unique") throw new Error(`the copy of "${name}" is not found without any trick`);
  }
  const answer = await pipeline.check(await decoy(0), signal);
  if (answer !== "unique") throw new Error(`the decoy is answered with ${answer}`);
}

async function open({ folder, signal, log }: PartContext): Promise<RunningPart> {
  const all = await references(root, REAL);
  log(
    `evade: ${all.length} references, ${all.filter(({ name }) => name.startsWith("real ")).length} of them real`,
  );
  const pipeline = await openPipeline(folder);
  const answers = new Map<string, number>();
  const close = () => pipeline.close();
  try {
    await addAll(pipeline, all, signal);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async run(index, random, stop): Promise<CaseResult> {
      const number = Math.floor(index / TIMES);
      const trick = TRICKS[number]!;
      const { name, file } = all[((index % TIMES) * Math.ceil(all.length / TIMES) + number) % all.length]!;
      const scratch = join(folder, `case-${index}`);
      mkdirSync(scratch, { recursive: true });
      const seed = Math.floor(random() * DECOYS);
      const making: Making = {
        random,
        ffmpeg,
        copy: (how) => encoded(file, how),
        decoy: (how) => decoy(seed, how),
        path: (called) => join(scratch, called),
      };
      const query = await trick.make(making);
      const answer = await pipeline.check(query, stop);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      const held = isRight(answer);
      if (held) rmSync(scratch, { recursive: true, force: true });
      return {
        kind: trick.kind,
        held,
        ...(held ? {} : { detail: `a copy of "${name}" is answered with ${answer}`, keep: [query] }),
      };
    },
    figures: async () => ({
      tricks: TRICKS.length,
      answers: [...answers].map(([answer, times]) => `${answer} ${times}`).join(" "),
    }),
    close,
  };
}

export const part: Part = {
  name: "evade",
  about: "copies hidden by false durations, decoy streams, damage, edit lists and more; failed: `unique`",
  cases: TRICKS.length * TIMES,
  slice: 7,
  atOnce: 2,
  open,
};
