// Analyses are started or attached to; their outcomes are kept for those who ask again.

import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { type RunWork, TaskRegistry } from "./task-registry.ts";

export type RunAnalysis = RunWork<AnalysisRequest, AnalysisResult>;

const KEEP_ENDED_MS = 10 * 60_000;
/** Of explained ones, which have up to half a megabyte each: no more than these, the latest. */
export const KEEP_EXPLAINED = 64;

function identityOf({ tenant, library, sha256, task, policy }: AnalysisRequest): string {
  return JSON.stringify([tenant, library, sha256, task, policy]);
}

export class Analyses extends TaskRegistry<AnalysisRequest, AnalysisResult> {
  constructor(run: RunAnalysis, onFailure: (id: string, error: unknown) => void) {
    const large = { most: KEEP_EXPLAINED, isLarge: (result: AnalysisResult) => !!result.explanation };
    super(run, onFailure, { identityOf, keepEndedMs: KEEP_ENDED_MS, forgetHeard: false, large });
  }
}
