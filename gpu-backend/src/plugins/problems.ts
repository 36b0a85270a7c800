// Every failure leaves as application/problem+json (RFC 9457).

import { PROBLEM_CONTENT_TYPE, type Problem, ProblemError, toProblem } from "@twinframe/shared/problem";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";

function asProblem(error: FastifyError | ProblemError): unknown {
  if (error instanceof ProblemError) return error;
  if (error.statusCode === 413) return new ProblemError("request_too_large", "Send a smaller request body.");
  if (error.statusCode === 415) return new ProblemError("unsupported_media_type", "Send application/json.");
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new ProblemError("malformed_json", "Send one well-formed JSON value.");
  return error;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retry_after_s !== undefined) reply.header("retry-after", Math.ceil(problem.retry_after_s));
  return reply.code(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem);
}

export function problemReplies(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | ProblemError>((error, request, reply) => {
    const problem = toProblem(asProblem(error), request.id);
    request.problemCode = problem.code;
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, "request failed");
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem(new ProblemError("not_found", "Check the path and the method."), request.id);
    request.problemCode = problem.code;
    return sendProblem(reply, problem);
  });
}
