// A request to the backend: signed, in time, and its problems told as what the client can act upon.

import { PROBLEM_CONTENT_TYPE, PROBLEMS, ProblemError, problemSchema } from "@twinframe/shared/problem";
import { signRequest } from "@twinframe/shared/signing";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import { inSpan, traceHeaders } from "../platform/telemetry/operation.ts";
import { backendUnavailable } from "./backend-unavailable.ts";

/** Where there are several backends, requests with the same value go to the same one; else the path's id decides. */
const AFFINITY_HEADER = "x-twinframe-affinity";

export interface Call {
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
