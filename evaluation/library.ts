// The product's own pipeline on files, without the network: what evaluation, calibration and tests run.

import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { composeStages } from "@twinframe/gpu-backend/compose";
import { readConfig } from "@twinframe/gpu-backend/config";
import { analyse } from "@twinframe/gpu-backend/pipeline/analyse";
import type { Stages } from "@twinframe/gpu-backend/pipeline/stages";
import { KeyedMutex } from "@twinframe/gpu-backend/work/keyed-mutex";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import type { AnalysisResult, AnalysisTask } from "@twinframe/shared/contract";

export const EVALUATION_LIBRARY = "evaluation/default";

/** Always the same, so that queries are sampled at the same moments in each run. Nothing is signed with it. */
const SECRET = "the evaluation takes the same frames each time";

export interface EvaluationLibrary {
  stages: Stages;
  add(id: string, file: string): Promise<AnalysisResult>;
  /** Matches down to score 0: the policy's review threshold is lifted, the others hold. */
  check(file: string): Promise<AnalysisResult>;
  /** Asked why, by the policy as it ships. */
  explain(file: string): Promise<AnalysisResult>;
  close(): Promise<void>;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

export async function openEvaluationLibrary(): Promise<EvaluationLibrary> {
  const state = await mkdtemp(join(tmpdir(), "twinframe-evaluation-"));
  const config = readConfig({
    ...process.env,
    TWINFRAME_SIGNING_SECRET: SECRET,
    TWINFRAME_BACKEND_STATE: state,
  });
  const { stages, close } = await composeStages(config);
  const libraryMutex = new KeyedMutex();
  const lenient = { ...stages, policy: { ...stages.policy, review_score: 0 } };
  const run = async (file: string, task: AnalysisTask, by: Stages = lenient) =>
    analyse(
      { jobId: randomUUID(), library: EVALUATION_LIBRARY, sha256: await sha256Of(file), file, task },
      by,
      { clock: new StageClock(), libraryMutex },
    );
  return {
    stages,
    add: (id, file) => run(file, { kind: "reference", reference_id: id }),
    check: (file) => run(file, { kind: "check", index_as: null }),
    explain: (file) => run(file, { kind: "check", index_as: null, explain: true }, stages),
    close: async () => {
      await close();
      await rm(state, { recursive: true, force: true });
    },
  };
}
