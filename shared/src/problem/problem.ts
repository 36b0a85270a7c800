import { z } from "zod";
import { PROBLEMS, type ProblemCode } from "./registry.ts";

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/** An RFC 9457 problem as it goes over the wire. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  request_id: z.string().optional(),
  /** Seconds after which trying again makes sense; also sent as Retry-After. */
  retry_after_s: z.number().optional(),
  /** The reference that a conflict is about. */
  reference_id: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export interface ProblemOptions {
  errors?: { pointer: string; detail: string }[];
  referenceId?: string;
  retryAfterS?: number;
  cause?: unknown;
}

/** The one error that travels up to a response; its detail is shown to the user, so it holds no secret. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  static fromProblem(problem: Problem): ProblemError {
    const options: ProblemOptions = {};
    if (problem.errors) options.errors = problem.errors;
    if (problem.reference_id) options.referenceId = problem.reference_id;
    if (problem.retry_after_s) options.retryAfterS = problem.retry_after_s;
    return new ProblemError(problem.code, problem.detail, options);
  }
}

/** The wire form of any thrown value; what is not a ProblemError becomes `internal_error` without its text. */
export function toProblem(error: unknown, requestId?: string): Problem {
  const known =
    error instanceof ProblemError
      ? error
      : new ProblemError("internal_error", "Try again; if it happens again, report the request id.");
  const { status, title } = PROBLEMS[known.code];
  const { errors, referenceId, retryAfterS } = known.options;
  const retryAfter = retryAfterS ?? (status === 503 ? 5 : undefined);
  return {
    type: `urn:twinframe:problem:${known.code}`,
    title,
    status,
    code: known.code,
    detail: known.message,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(retryAfter === undefined ? {} : { retry_after_s: retryAfter }),
    ...(referenceId === undefined ? {} : { reference_id: referenceId }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** `invalid_request` from a failed zod parse: one entry a field, with a JSON pointer. */
export function problemOfZodError(error: z.ZodError): ProblemError {
  const errors = error.issues.map((issue) => ({
    pointer: `/${issue.path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`,
    detail: issue.message,
  }));
  const summary = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join("; ");
  return new ProblemError("invalid_request", `Correct these fields and send again. ${summary}`, { errors });
}
