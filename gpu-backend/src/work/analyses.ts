// The registry of analyses: started or attached to by id; outcomes are kept for requests that are repeated.

import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { type RunTask, TaskRegistry } from "./task-registry.ts";

export type RunAnalysis = RunTask<AnalysisRequest, AnalysisResult>;

const KEEP_ENDED_MS = 10 * 60_000;
/** Explained outcomes have up to half a megabyte each: so many are kept, the latest. */
export const KEEP_EXPLAINED = 64;

function identityOf({ tenant, library, sha256, task, policy }: AnalysisRequest): string {
  return JSON.stringify([tenant, library, sha256, task, policy]);
}

export class Analyses extends TaskRegistry<AnalysisRequest, AnalysisResult> {
  constructor(run: RunAnalysis, onFailure: (id: string, error: unknown) => void) {
    const large = { most: KEEP_EXPLAINED, isLarge: (result: AnalysisResult) => !!result.explanation };
    super(run, onFailure, { identityOf, keepEndedMs: KEEP_ENDED_MS, forgetDelivered: false, large });
  }
}
