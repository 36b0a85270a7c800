// The product's own pipeline in this process, with its references in an index of its own.

import { createHash, randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { composeStages } from "@twinframe/gpu-backend/compose";
import { readConfig } from "@twinframe/gpu-backend/config";
import { analyse } from "@twinframe/gpu-backend/pipeline/analyse";
import { KeyedMutex } from "@twinframe/gpu-backend/work/keyed-mutex";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import { type AnalysisResult, type AnalysisTask, isFullySeen } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";

/** So few that a few minutes meet the ceiling that hours meet with the usual limits. */
const MOST_FRAMES = 720;
const LIBRARY = "torture/evade";

export interface Pipeline {
  add(id: string, file: string): Promise<void>;
  /** The verdict, or the code of the problem. */
  check(file: string, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** As the edge says it (edge/src/checks/verdict.ts). */
function verdictOf({ matches, video }: AnalysisResult): string {
  return matches[0]?.verdict ?? (isFullySeen(video) ? "unique" : "review");
}

/** The moments that are looked at follow from it: a case that is replayed meets the same ones. */
const SECRET = "what the tricks do not know, each time the same";

export async function openPipeline(folder: string): Promise<Pipeline> {
  const state = join(folder, "index");
  rmSync(state, { recursive: true, force: true });
  const config = readConfig({
    ...process.env,
    TWINFRAME_SIGNING_SECRET: SECRET,
    TWINFRAME_BACKEND_STATE: state,
  });
  const limits = { ...config.limits, maxFrames: MOST_FRAMES };
  const { stages, close } = await composeStages({ ...config, limits });
  const libraryMutex = new KeyedMutex();
  const run = async (file: string, task: AnalysisTask, signal?: AbortSignal) => {
    const sha256 = createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
    const video = { jobId: randomUUID(), library: LIBRARY, sha256, file, task };
    return analyse(video, stages, { clock: new StageClock(), signal, libraryMutex });
  };
  return {
    add: async (id, file) => void (await run(file, { kind: "reference", reference_id: id })),
    async check(file, signal) {
      try {
        return verdictOf(await run(file, { kind: "check", index_as: null }, signal));
      } catch (error) {
        if (error instanceof ProblemError) return error.code;
        throw error;
      }
    },
    close,
  };
}
