// The OpenAPI 3.1 document, from the operations and the zod schemas that the routes themselves parse with.

import { PROBLEM_CONTENT_TYPE, PROBLEMS, type ProblemCode, problemSchema } from "@twinframe/shared/problem";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import type { Answer, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const INTRODUCTION = `Is this video a copy of one we already have? Add references, then check videos against them.

Every request needs an API key: \`Authorization: Bearer KEY\`. Errors are problems (RFC 9457): switch on \`code\`,
show \`detail\`, quote \`request_id\`. Times are ISO 8601 in UTC; seconds within a video end in \`_s\`.`;

const problem = problemSchema.meta({ id: "Problem", description: "RFC 9457 problem." });
const requestIdHeader = z.string().meta({ description: "Quote it when you report a problem." });

/** Of every operation; with a key, of every operation that needs one; with a body, of those that take one. */
const ALWAYS: ProblemCode[] = ["internal_error", "backend_unavailable"];
const WITH_KEY: ProblemCode[] = ["missing_api_key", "invalid_api_key", "insufficient_scope"];
const WITH_JSON: ProblemCode[] = ["malformed_json", "invalid_request", "request_too_large"];

function problemsOf({ scope, body, query, parameters, problems = [] }: Operation): ProblemCode[] {
  const all = [
    ...ALWAYS,
    ...(scope === null ? [] : WITH_KEY),
    ...(body?.["application/json"] ? WITH_JSON : []),
    ...(query || parameters ? (["invalid_request"] as const) : []),
    ...problems,
  ];
  return [...new Set(all)].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}

function answerContent({ schema, contentType = "application/json", alsoAs = [] }: Answer) {
  if (!schema) return {};
  return {
    content: {
      ...content(Object.fromEntries(alsoAs.map((type) => [type, null]))),
      [contentType]: { schema },
    },
  };
}

function answerObject(answer: Answer): ZodOpenApiResponseObject {
  const { description, headers = {} } = answer;
  const described = Object.entries(headers).map(([name, text]) => [
    name,
    z.string().meta({ description: text }),
  ]);
  return {
    description,
    headers: z.object({ "x-request-id": requestIdHeader, ...Object.fromEntries(described) }),
    ...answerContent(answer),
  };
}

function problemAnswers(codes: ProblemCode[]): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(codes, (code) => String(PROBLEMS[code].status));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
        headers: z.object({ "x-request-id": requestIdHeader }),
        content: { [PROBLEM_CONTENT_TYPE]: { schema: problem } },
      },
    ]),
  );
}

/** Bytes have no schema of their own in OpenAPI 3.1. */
const content = (body: Record<string, z.ZodType | null>) =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, schema ? { schema } : {}]));

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, scope, parameters, query, headers, body, answers } = operation;
  const needs = scope === null ? "" : `Needs a key with the scope \`${scope}\`.`;
  const own = Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, needs].filter(Boolean).join("\n\n"),
    security: scope === null ? [] : [{ api_key: [] }],
    requestParams: {
      ...(parameters ? { path: parameters } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { header: headers } : {}),
    },
    ...(body ? { requestBody: { required: true, content: content(body) } } : {}),
    responses: { ...problemAnswers(problemsOf(operation)), ...Object.fromEntries(own) },
  };
}

export function openApiDocument(operations: readonly Operation[] = OPERATIONS) {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    Object.assign(paths[operation.path]!, { [operation.method]: operationObject(operation) });
  }
  return createDocument({
    openapi: "3.1.0",
    info: { title: "Twinframe", version: "1", description: INTRODUCTION },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { api_key: { type: "http", scheme: "bearer", bearerFormat: "tf_{id}_{secret}" } },
    },
  });
}
