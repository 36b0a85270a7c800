import {
  type AnalysisRequest,
  type AnalysisResult,
  analysisEventSchema,
  analysisPath,
} from "@twinframe/shared/contract";
import { isTransient, toProblem } from "@twinframe/shared/problem";
import { Interrupted } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { inSpan } from "../platform/telemetry/operation.ts";
import type { NamedAnalysis } from "./analyses.ts";
import { CrashCount } from "./crash-count.ts";
import { startOrAttach } from "./start-or-attach.ts";
import type { CrashRow } from "./store/analysis-crashes.ts";

export interface AnalyseOptions {
  signal: AbortSignal;
  /** As a look-up has just found it; read when it is left out. */
  crashes?: CrashRow | null;
  /** Hears that the analysis was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
}

/**
 * Has the backend analyse a video, unless that has broken off with the backend too often (decision 0042). Leaves the
 * analysis running when interrupted. Problems: the backend's, `backend_unavailable` and `analysis_crashed`.
 */
export async function analyse(
  context: RequestContext,
  named: NamedAnalysis,
  request: AnalysisRequest,
  { signal, crashes, onStarted }: AnalyseOptions,
): Promise<AnalysisResult> {
  const { id, affinity } = named;
  const recovery = await CrashCount.of(
    context,
    { tenant: request.tenant, work: request.sha256 },
    named,
    crashes,
  );
  const asked = { path: analysisPath(id), request, affinity, signal };
  const hearing = { recovery, onStarted };
  try {
    const result = await inSpan(
      "analysis",
      { "twinframe.id": id },
      () => startOrAttach(context.config, asked, analysisEventSchema, hearing),
      "client",
    );
    await recovery.ended();
    return result;
  } catch (error) {
    const { code } = toProblem(error);
    const hasEnded = !(error instanceof Interrupted) && !isTransient(code) && code !== "analysis_crashed";
    if (hasEnded) await recovery.ended();
    throw error;
  }
}
