import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { isTransient, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { CrashCount } from "./crash-count.ts";
import { analyse, type NamedAnalysis } from "./gpu-backend.ts";
import type { CrashRow } from "./store/analysis-crashes.ts";

export interface CountedOptions {
  signal: AbortSignal;
  /** As a look-up has just found it; read when it is left out. */
  crashes?: CrashRow | null;
  /** Hears that the analysis was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
}

/**
 * Has the backend analyse a video, unless that has broken off with the backend too often. Problems: the backend's,
 * `backend_unavailable` and `analysis_crashed`.
 */
export async function analyseCounted(
  context: RequestContext,
  named: NamedAnalysis,
  request: AnalysisRequest,
  { signal, crashes, onStarted }: CountedOptions,
): Promise<AnalysisResult> {
  const key = { tenant: request.tenant, work: request.sha256 };
  const recovery = await CrashCount.of(context, key, named, crashes);
  try {
    const result = await analyse(context.config, named, request, signal, { recovery, onStarted });
    await recovery.ended();
    return result;
  } catch (error) {
    const { code } = toProblem(error);
    const hasEnded = !(error instanceof Interrupted) && !isTransient(code) && code !== "analysis_crashed";
    if (hasEnded) await recovery.ended();
    throw error;
  }
}
