// How a route says what it takes and gives, for the OpenAPI document: data beside the code, checked against the
// routes that exist (edge/test/openapi.test.ts).

import type { Scope } from "@twinframe/shared/contract";
import type { ProblemCode } from "@twinframe/shared/problem";
import type { z } from "zod";

export interface Answer {
  description: string;
  /** None for an answer without a body. */
  schema?: z.ZodType;
  /** `application/json` unless told otherwise. */
  contentType?: string;
  /** Other content types of the same answer, in bytes. */
  alsoAs?: readonly string[];
  /** Beside `x-request-id`, which every answer has: name → what it says. */
  headers?: Record<string, string>;
}

export interface Operation {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** With parameters in braces: `/v1/checks/{id}`. */
  path: string;
  /** Unique, such as `createCheck`. */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** What the key must be allowed to; null where no key is needed. */
  scope: Scope | null;
  /** And to this, besides. */
  alsoScope?: Scope;
  /** The key must be an operator's, too. */
  operator?: true;
  parameters?: z.ZodObject;
  query?: z.ZodObject;
  /** Names in lower case. */
  headers?: z.ZodObject;
  /** Content type → schema; null for bytes. */
  body?: Record<string, z.ZodType | null>;
  bodyOptional?: true;
  answers: Record<number, Answer>;
  /** What can go wrong beyond what every operation shares (see document.ts). */
  problems?: ProblemCode[];
}
