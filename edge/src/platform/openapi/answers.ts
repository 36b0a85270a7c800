// The answers of an operation, in the document: its own, and its problems.

import { PROBLEM_CONTENT_TYPE, PROBLEMS, type ProblemCode, problemSchema } from "@twinframe/shared/problem";
import { z } from "zod";
import type { ZodOpenApiContentObject, ZodOpenApiResponseObject } from "zod-openapi";
import type { ApiRoute } from "./route.ts";

export type Answer = Exclude<ApiRoute["responses"][string], { $ref: string }>;

const problem = problemSchema.meta({ id: "Problem", description: "RFC 9457 problem." });
const requestIdHeader = z
  .string()
  .meta({ description: "Quote it when you report a problem.", header: { id: "x-request-id" } });

const RETRY_AFTER = { "retry-after": "Seconds until trying again makes sense." };

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
const headersObject = (own: z.ZodRawShape, shared: Record<string, string>) =>
  z.object({
    "x-request-id": requestIdHeader,
    ...own,
    ...Object.fromEntries(Object.entries(shared).map(([name, text]) => [name, sharedHeader(text, name)])),
  });

export function answerObject(
  { description = "", headers, content }: Answer,
  shared: Record<string, string>,
): ZodOpenApiResponseObject {
  const own = (headers as z.ZodObject | undefined)?.shape ?? {};
  return {
    description,
    headers: headersObject(own, shared),
    ...(content ? { content: content as ZodOpenApiContentObject } : {}),
  };
}

export function problemAnswers(
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
