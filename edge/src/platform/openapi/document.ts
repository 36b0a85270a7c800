// The OpenAPI 3.1 document, from the routes and the schemas that they themselves parse with. Not part of the Worker.
// zod-openapi writes it, since the generator of createRoute's library loses part of the schemas (decision 52).

import { PROBLEMS, type ProblemCode } from "@twinframe/shared/problem";
import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiContentObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { type Answer, answerObject, problemAnswers } from "./answers.ts";
import { type ApiRoute, scopesOf } from "./route.ts";

const INTRODUCTION = `Is this video a copy of one we already have? Add references, then check videos against them.

Every request needs an API key: \`Authorization: Bearer KEY\`. Errors are problems (RFC 9457): switch on \`code\`,
show \`detail\`, quote \`request_id\`. Times are ISO 8601 in UTC; seconds within a video end in \`_s\`.`;

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

const QUOTA_HEADERS = {
  "ratelimit-policy":
    "The limits, each with its requests `q` and window `w` in seconds (draft-ietf-httpapi-ratelimit-headers).",
  ratelimit: "Of each limit the requests `r` that are left, and the seconds `t` until its window ends.",
};

type RequestParts = NonNullable<ApiRoute["request"]>;

const requestOf = ({ request, described }: ApiRoute): RequestParts => ({ ...request, ...described });
const hasIdempotency = (route: ApiRoute) => scopesOf(route) !== null && route.method === "post";

function problemsOf(route: ApiRoute): ProblemCode[] {
  const { body, query, params } = requestOf(route);
  const all = [
    ...ALWAYS,
    ...(scopesOf(route) === null ? [] : WITH_KEY),
    ...(hasIdempotency(route) ? WITH_IDEMPOTENCY : []),
    ...(body?.content["application/json"] ? WITH_JSON : []),
    ...(query || params ? (["invalid_request"] as const) : []),
    ...(route.problems ?? []),
  ];
  return [...new Set(all)].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
}

/** What an operation's answers carry beside their own headers. */
const sharedHeaders = (route: ApiRoute): Record<string, string> =>
  scopesOf(route) === null ? {} : QUOTA_HEADERS;

/** The sentence that says what a key must be allowed to. */
function neededOf(route: ApiRoute): string {
  const needed = scopesOf(route);
  if (needed === null) return "";
  const { scope, also, operator } = needed;
  const besides = operator ? "operator" : also;
  const scopes = besides ? `scopes \`${scope}\` and \`${besides}\`` : `scope \`${scope}\``;
  return `Needs a key with the ${scopes}.`;
}

function headersOf(route: ApiRoute): z.ZodObject | undefined {
  const headers = requestOf(route).headers as z.ZodObject | undefined;
  if (!hasIdempotency(route)) return headers;
  return (headers ?? z.object({})).extend({ "idempotency-key": idempotencyKey });
}

function operationObject(route: ApiRoute): ZodOpenApiOperationObject {
  const { operationId, tags, summary, description, security, responses } = route;
  const { params, query, body } = requestOf(route) as { params?: z.ZodObject; query?: z.ZodObject } & Pick<
    RequestParts,
    "body"
  >;
  const headers = headersOf(route);
  const shared = sharedHeaders(route);
  const repeated = hasIdempotency(route)
    ? { "idempotency-replayed": "`true` on an answer given again." }
    : {};
  const own = Object.entries(responses).map(([status, answer]) => [
    status,
    answerObject(answer as Answer, { ...shared, ...repeated }),
  ]);
  return {
    operationId,
    tags,
    summary,
    description: [description, neededOf(route)].filter(Boolean).join("\n\n"),
    security,
    requestParams: {
      ...(params ? { path: params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { header: headers } : {}),
    },
    ...(body
      ? {
          requestBody: { required: body.required ?? false, content: body.content as ZodOpenApiContentObject },
        }
      : {}),
    responses: { ...problemAnswers(problemsOf(route), shared), ...Object.fromEntries(own) },
  } as ZodOpenApiOperationObject;
}

export function openApiDocument(routes: readonly ApiRoute[]) {
  const shown = routes.filter(({ hide }) => !hide);
  const paths: ZodOpenApiPathsObject = {};
  for (const route of shown) {
    paths[route.path] ??= {};
    Object.assign(paths[route.path]!, { [route.method]: operationObject(route) });
  }
  return createDocument({
    openapi: "3.1.0",
    info: { title: "Twinframe", version: "1", description: INTRODUCTION },
    servers: [{ url: "/" }],
    tags: [...new Set(shown.flatMap(({ tags = [] }) => tags))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { api_key: { type: "http", scheme: "bearer", bearerFormat: "tf_{id}_{secret}" } },
    },
  });
}
