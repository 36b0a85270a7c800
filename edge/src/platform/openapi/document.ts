// The OpenAPI 3.1 document, from the operations and the zod schemas that the routes themselves parse with.

import { PROBLEM_CONTENT_TYPE, PROBLEMS, type ProblemCode, problemSchema } from "@twinframe/shared/problem";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from "zod-openapi";
import { OPERATIONS } from "../../openapi.ts";
import type { Answer, Operation } from "./operation.ts";

const INTRODUCTION = `Is this video a copy of one we already have? Add references, then check videos against them.

Every request needs an API key: \`Authorization: Bearer KEY\`. Errors are problems (RFC 9457): switch on \`code\`,
show \`detail\`, quote \`request_id\`. Times are ISO 8601 in UTC; seconds within a video end in \`_s\`.`;

const problem = problemSchema.meta({ id: "Problem", description: "RFC 9457 problem." });
const requestIdHeader = z
  .string()
  .meta({ description: "Quote it when you report a problem.", header: { id: "x-request-id" } });

const QUOTA_HEADERS = {
  "ratelimit-policy":
    "The limits, each with its requests `q` and window `w` in seconds (draft-ietf-httpapi-ratelimit-headers).",
  ratelimit: "Of each limit the requests `r` that are left, and the seconds `t` until its window ends.",
};

const RETRY_AFTER = { "retry-after": "Seconds until trying again makes sense." };

const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[!-~]+$/)
  .optional()
  .meta({
    description:
      "The same request with the same key gets the same answer, for 24 hours, and the work is done once. Answers " +
      "of 5xx, 408 and 429 are not kept: the request is then done anew.",
  });

/** Of every operation; with a key, of every operation that needs one; with a body, of those that take one. */
const ALWAYS: ProblemCode[] = ["internal_error", "backend_unavailable"];
const WITH_KEY: ProblemCode[] = [
  "missing_api_key",
  "invalid_api_key",
  "insufficient_scope",
  "rate_limited",
  "overloaded",
];
const WITH_IDEMPOTENCY: ProblemCode[] = ["invalid_request", "idempotency_in_flight", "idempotency_mismatch"];
const WITH_JSON: ProblemCode[] = ["malformed_json", "invalid_request", "request_too_large"];

const hasIdempotency = ({ scope, method }: Operation) => scope !== null && method === "post";

function problemsOf(operation: Operation): ProblemCode[] {
  const { scope, body, query, parameters, problems = [] } = operation;
  const all = [
    ...ALWAYS,
    ...(scope === null ? [] : WITH_KEY),
    ...(hasIdempotency(operation) ? WITH_IDEMPOTENCY : []),
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

/** What an operation's answers carry beside their own headers. */
const sharedHeaders = ({ scope }: Operation): Record<string, string> => (scope === null ? {} : QUOTA_HEADERS);

const mapped = <To>(
  record: Record<string, string>,
  to: (text: string, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, text]) => [name, to(text, name)]));

/** A component of that name, which every answer refers to: hundreds of copies would be most of the document. */
const headerComponents = new Map<string, z.ZodType>();
function sharedHeader(text: string, name: string): z.ZodType {
  const header =
    headerComponents.get(name) ??
    z
      .string()
      .optional()
      .meta({ description: text, header: { id: name } });
  headerComponents.set(name, header);
  return header;
}

/** `own` ones are always there; `shared` ones need not be. */
const headersObject = (own: Record<string, string>, shared: Record<string, string>) =>
  z.object({
    "x-request-id": requestIdHeader,
    ...mapped(own, (text) => z.string().meta({ description: text })),
    ...mapped(shared, sharedHeader),
  });

function answerObject(answer: Answer, shared: Record<string, string>): ZodOpenApiResponseObject {
  const { description, headers = {} } = answer;
  return {
    description,
    headers: headersObject(headers, shared),
    ...answerContent(answer),
  };
}

function problemAnswers(
  codes: ProblemCode[],
  shared: Record<string, string>,
): Record<string, ZodOpenApiResponseObject> {
  const byStatus = Map.groupBy(codes, (code) => String(PROBLEMS[code].status));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join("; "),
        headers: headersObject(
          {},
          {
            ...(["409", "429", "503"].includes(status) ? RETRY_AFTER : {}),
            // Before the key is known there is no limit to tell.
            ...(status === "401" ? {} : shared),
          },
        ),
        content: { [PROBLEM_CONTENT_TYPE]: { schema: problem } },
      },
    ]),
  );
}

/** Bytes have no schema of their own in OpenAPI 3.1. */
const content = (body: Record<string, z.ZodType | null>) =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, schema ? { schema } : {}]));

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, description, scope, parameters, query, body, bodyOptional, answers } = operation;
  const besides = operation.operator ? "operator" : operation.alsoScope;
  const scopes = besides ? `scopes \`${scope}\` and \`${besides}\`` : `scope \`${scope}\``;
  const needs = scope === null ? "" : `Needs a key with the ${scopes}.`;
  const shared = sharedHeaders(operation);
  const repeated = hasIdempotency(operation)
    ? { "idempotency-replayed": "`true` on an answer given again." }
    : {};
  const own = Object.entries(answers).map(([status, answer]) => [
    status,
    answerObject(answer, { ...shared, ...repeated }),
  ]);
  const headers = hasIdempotency(operation)
    ? (operation.headers ?? z.object({})).extend({ "idempotency-key": idempotencyKey })
    : operation.headers;
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
    ...(body ? { requestBody: { required: !bodyOptional, content: content(body) } } : {}),
    responses: { ...problemAnswers(problemsOf(operation), shared), ...Object.fromEntries(own) },
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
