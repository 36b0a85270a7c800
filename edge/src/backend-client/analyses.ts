// Analyses that are there: listened to, followed and stopped, and never begun. analyse.ts begins them.

import { analysisEventSchema, analysisPath, type Stage } from "@twinframe/shared/contract";
import type { Configuration } from "../platform/configuration.ts";
import { eventLines } from "./event-lines.ts";
import { call, problemOf } from "./request.ts";

/** An analysis by its name; `affinity` as AFFINITY_HEADER says, the same in every request about it. */
export interface NamedAnalysis {
  id: string;
  affinity?: string | undefined;
}

/** The stream of an analysis that is known, without starting it; null when it is not. */
export async function listenToAnalysis(
  config: Configuration,
  { id, affinity }: NamedAnalysis,
  signal?: AbortSignal,
): Promise<Response | null> {
  const response = await call(config, { method: "GET", path: analysisPath(id), affinity, signal });
  if (response.status === 200) return response;
  const problem = await problemOf(response);
  if (problem.code === "analysis_not_found") return null;
  throw problem;
}

/** Hears how far an analysis is, without starting it. True when it has come to its end. */
export async function followAnalysis(
  config: Configuration,
  named: NamedAnalysis,
  onProgress: (stage: Stage, fraction: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const response = await listenToAnalysis(config, named, signal);
  if (response === null || response.body === null) return false;
  for await (const event of eventLines(response.body, analysisEventSchema, signal)) {
    if (event.event !== "progress") return true;
    onProgress(event.stage, event.fraction);
  }
  return false;
}

/** Stops an analysis; one that is not known has ended long ago. */
export async function stopAnalysis(config: Configuration, { id, affinity }: NamedAnalysis): Promise<void> {
  const response = await call(config, { method: "DELETE", path: analysisPath(id), affinity });
  if (!response.ok && response.status !== 404) throw await problemOf(response);
  await response.body?.cancel();
}
