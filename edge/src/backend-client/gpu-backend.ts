// The edge's side of the contract with the backend: every request signed, every answer parsed.

import type { ReferenceKey } from "@twinframe/shared/contract";
import {
  type AnalysisRequest,
  type AnalysisResult,
  analysisEventSchema,
  analysisPath,
  type BackendReadiness,
  backendReadinessSchema,
  backendReferencePath,
  type EntryChanges,
  type IndexedAt,
  indexedAtSchema,
  type Stage,
} from "@twinframe/shared/contract";
import {
  PROBLEM_CONTENT_TYPE,
  PROBLEMS,
  type Problem,
  ProblemError,
  problemSchema,
} from "@twinframe/shared/problem";
import { signRequest } from "@twinframe/shared/signing";
import type { z } from "zod";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { inSpan, traceHeaders } from "../platform/telemetry/operation.ts";
import { backendUnavailable, eventLines, StreamBroken } from "./analysis-events.ts";
import { installationOf } from "./index-identity.ts";

/** A stream that ends without a result is taken up again this often. */
const ATTEMPTS = 2;
/** So often one that goes on behind a broken connection is listened to anew. */
const MAX_BREAKS = 5;

/** Where there are several backends, requests with the same value go to the same one; else the path's id decides. */
export const AFFINITY_HEADER = "x-twinframe-affinity";

interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: string;
  affinity?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Signed, and answered within the backend's time. */
export const call = (config: Configuration, asked: Call): Promise<Response> =>
  inSpan("backend request", { "http.request.method": asked.method }, () => send(config, asked), "client");

async function send(
  config: Configuration,
  { method, path, body = "", affinity, signal }: Call,
): Promise<Response> {
  const abort = new AbortController();
  const signature = await signRequest(config.signingSecrets[0], { method, path, body });
  // The signature does not cover these: they join what both sides write down, and say where it goes.
  const joining = affinity === undefined ? {} : { [AFFINITY_HEADER]: affinity };
  const headers = { ...signature, ...traceHeaders(), ...joining };
  const request = {
    method,
    headers: body === "" ? headers : { ...headers, "content-type": "application/json" },
    ...(body === "" ? {} : { body }),
    redirect: "manual" as const,
    signal: abort.signal,
  };
  const answer = config.backend.fetch(`${config.backendUrl}${path}`, request).catch((error) => {
    throw backendUnavailable(error);
  });
  try {
    return await within(answer, { ms: config.backendTimeoutMs, expired: backendUnavailable, signal });
  } catch (error) {
    abort.abort();
    throw error;
  }
}

/** The backend's own problem when it is one the client can act upon; else that it is not available. */
export async function problemOf(response: Response): Promise<ProblemError> {
  if (response.headers.get("content-type")?.startsWith(PROBLEM_CONTENT_TYPE)) {
    const parsed = problemSchema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return actionable(ProblemError.fromProblem(parsed.data));
  } else {
    await response.body?.cancel();
  }
  return backendUnavailable(`status ${response.status}`);
}

/** A bad signature between the two of us is no fault of the client's key. */
const OURS = [
  ...["bad_signature", "request_replayed", "internal_error", "analysis_conflict", "malformed_json"],
  "invalid_request",
];

export function actionable(problem: ProblemError): ProblemError {
  const { status } = PROBLEMS[problem.code];
  if (OURS.includes(problem.code) || (status >= 500 && status !== 503)) return backendUnavailable(problem);
  return problem;
}

/** An analysis by its name; `affinity` as AFFINITY_HEADER says, the same in every request about it. */
export interface NamedAnalysis {
  id: string;
  affinity?: string | undefined;
}

/** What becomes of work whose stream broke off after it had begun. */
export interface Recovery {
  /** How often it has broken off with its backend before, as the request says. */
  readonly crashes: number;
  /** The stream that goes on; null when it is gone, and may be asked for again. Throws when it is not to be. */
  brokeOff(stage: string): Promise<Response | null>;
}

interface Hearing {
  onProgress?: (fraction: number) => Promise<void>;
  /** What is thrown for a problem that the work ended with. */
  told?: (problem: ProblemError) => ProblemError;
  recovery?: Recovery | undefined;
  /** Hears that the work was begun, and not found under way. */
  onStarted?: (() => void) | undefined;
}

/** Starts the analysis or attaches to it, and waits for its result. Leaves it running when interrupted. */
export const analyse = (
  config: Configuration,
  named: NamedAnalysis,
  request: AnalysisRequest,
  signal?: AbortSignal,
  hearing: Pick<Hearing, "recovery" | "onStarted"> = {},
): Promise<AnalysisResult> => {
  const { id, affinity } = named;
  const asked = { path: analysisPath(id), request, affinity, signal };
  return inSpan(
    "analysis",
    { "twinframe.id": id },
    () => startOrAttach(config, asked, analysisEventSchema, hearing),
    "client",
  );
};

type WorkEvent<Result> =
  | {
      event: "progress";
      fraction: number;
      stage?: Stage;
      waiting?: true | undefined;
      started?: true | undefined;
    }
  | { event: "result"; result: Result }
  | { event: "problem"; problem: Problem };

interface AskedWork extends Omit<Call, "method" | "body"> {
  request: object;
}

/** Work of any kind, named by its path: starts it or attaches to it, and waits for its result. */
export async function startOrAttach<Result>(
  config: Configuration,
  { request, ...asked }: AskedWork,
  schema: z.ZodType<WorkEvent<Result>>,
  hearing: Hearing = {},
): Promise<Result> {
  const { recovery } = hearing;
  let breaks = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const crashes = recovery?.crashes ?? 0;
    const body = JSON.stringify(crashes > 0 ? { ...request, crashes } : request);
    const begun = await call(config, { ...asked, body, method: "PUT" });
    for (let response: Response | null = begun; response !== null; ) {
      const heard: Heard<Result> = await hear(response, schema, asked.signal, hearing);
      if (heard.end === "result") return heard.result;
      if (heard.end === "handed_back" || heard.stage === null || !recovery || ++breaks > MAX_BREAKS) break;
      response = await recovery.brokeOff(heard.stage);
    }
  }
  throw backendUnavailable("stream ended without a result");
}

type Heard<Result> =
  | { end: "result"; result: Result }
  | { end: "handed_back" }
  /** `stage`: null when it had not begun. */
  | { end: "broken"; stage: string | null };

async function hear<Result>(
  response: Response,
  schema: z.ZodType<WorkEvent<Result>>,
  signal: AbortSignal | undefined,
  { onProgress, told = actionable, onStarted }: Hearing,
): Promise<Heard<Result>> {
  if (response.status !== 200 || response.body === null) throw await problemOf(response);
  let stage: string | null = null;
  let isFirst = true;
  try {
    for await (const event of eventLines(response.body, schema, signal)) {
      if (event.event === "result") return { end: "result", result: event.result };
      if (event.event === "problem") throw told(ProblemError.fromProblem(event.problem));
      if (isFirst && event.started) onStarted?.();
      isFirst = false;
      if (!event.waiting && event.stage) stage = event.stage;
      await onProgress?.(event.fraction);
    }
    return { end: "handed_back" };
  } catch (error) {
    if (error instanceof StreamBroken) return { end: "broken", stage };
    throw error;
  }
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

/** Removes from the index what `jobId` put there under this id; what another job put there stays. */
export async function forgetReference(
  context: Pick<RequestContext, "config" | "bindings">,
  key: ReferenceKey,
  jobId: string,
): Promise<IndexedAt> {
  const query = new URLSearchParams({ installation: await installationOf(context), job_id: jobId });
  const path = `${backendReferencePath(key.tenant, key.library, key.id)}?${query}`;
  return indexedAt(await call(context.config, { method: "DELETE", path }));
}

/** Entries of a library that are to go, or to be out of searches, or back in them; may be sent again. */
export async function changeEntries(config: Configuration, changes: EntryChanges): Promise<IndexedAt> {
  const asked = { path: "/internal/index/changes", body: JSON.stringify(changes) };
  return indexedAt(await call(config, { ...asked, method: "POST" }));
}

async function indexedAt(response: Response): Promise<IndexedAt> {
  if (!response.ok) throw await problemOf(response);
  const parsed = indexedAtSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw backendUnavailable(parsed.error);
  return parsed.data;
}

export async function backendReadiness(config: Configuration): Promise<BackendReadiness> {
  const response = await call(config, { method: "GET", path: "/readyz" });
  const parsed = backendReadinessSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw backendUnavailable(parsed.error);
  return parsed.data;
}
