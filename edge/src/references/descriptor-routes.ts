// A reference's vectors.

import { DEFAULT_LIBRARY, nameSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { z } from "zod";
import { requireScope } from "../auth/authenticate.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import { parseWith } from "../platform/http/json-body.ts";
import { decodeCursor, encodeCursor, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { readDescriptors } from "./descriptors.ts";

export const descriptorsQuerySchema = z.strictObject({
  library: nameSchema.default(DEFAULT_LIBRARY),
  ...pageQuery,
});

/** A page starts at a frame's number. */
function offsetOf(cursor: string | undefined): number {
  const [text = "0"] = decodeCursor(cursor, 1) ?? [];
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ProblemError("invalid_request", "Use a cursor as a page gave it, or leave it out.", {
    errors: [{ pointer: "/cursor", detail: "is not a cursor of this list" }],
  });
}

export const descriptors = new Hono<AppEnv>()
  .get("/:id/descriptors", requireScope("references:read"), async (c) => {
    const { library, limit, cursor } = parseWith(descriptorsQuerySchema, c.req.query());
    const key = { tenant: c.get("caller").tenant, library, id: c.req.param("id") };
    const slice = { offset: offsetOf(cursor), limit };
    const { nextOffset, ...page } = await readDescriptors(
      requestContextOf(c.env, c.executionCtx),
      key,
      slice,
    );
    return c.json({ ...page, next_cursor: nextOffset === null ? null : encodeCursor([String(nextOffset)]) });
  })
  .all("/:id/descriptors", onlyMethods("GET"));
