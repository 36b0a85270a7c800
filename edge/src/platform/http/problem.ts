import { PROBLEM_CONTENT_TYPE, ProblemError, toProblem } from "@twinframe/shared/problem";
import { logFailure } from "../telemetry/log.ts";
import type { AppContext } from "./http-types.ts";

/** The one place where an error becomes a response. */
export function problemResponse(c: AppContext, error: unknown): Response {
  const requestId = c.get("requestId");
  if (!(error instanceof ProblemError)) logFailure("request failed", {}, error);
  const problem = toProblem(error, requestId);
  c.set("problemCode", problem.code);
  const headers: Record<string, string> = { "content-type": PROBLEM_CONTENT_TYPE };
  if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="twinframe"';
  if (problem.retry_after_s !== undefined) headers["retry-after"] = String(problem.retry_after_s);
  return c.body(JSON.stringify(problem), problem.status as 400, headers);
}

export const notFound = () =>
  new ProblemError("not_found", "There is nothing at this address; check the path and the method.");

/** As the methods of an address are named; HEAD goes with GET. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** For an address whose routes have other methods. */
export function notAllowed(c: AppContext, methods: readonly string[]): Response {
  const allowed = METHODS.filter((method) => methods.includes(method));
  c.header("allow", allowed.join(", "));
  return problemResponse(c, new ProblemError("method_not_allowed", `Use ${allowed.join(" or ")} here.`));
}
