import type { AnalysisRequest, AnalysisResult } from "@twinframe/shared/contract";
import { isTransient, toProblem } from "@twinframe/shared/problem";
import { analyse, type NamedAnalysis } from "../clients/gpu-backend.ts";
import { Interrupted } from "../deadline.ts";
import type { Services } from "../services.ts";
import type { CrashRow } from "../stores/analysis-crashes.ts";
import { CrashCount } from "./crash-count.ts";

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
  services: Services,
  named: NamedAnalysis,
  request: AnalysisRequest,
  { signal, crashes, onStarted }: CountedOptions,
): Promise<AnalysisResult> {
  const key = { tenant: request.tenant, work: request.sha256 };
  const recovery = await CrashCount.of(services, key, named, crashes);
  try {
    const result = await analyse(services.config, named, request, signal, { recovery, onStarted });
    await recovery.ended();
    return result;
  } catch (error) {
    const { code } = toProblem(error);
    const hasEnded = !(error instanceof Interrupted) && !isTransient(code) && code !== "analysis_crashed";
    if (hasEnded) await recovery.ended();
    throw error;
  }
}
