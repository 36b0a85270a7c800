import { DEFAULT_LIBRARY, nameSchema, referenceOptionsSchema } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import type { ReferenceKey } from "../jobs/messages.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppContext, AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { addReference } from "../references/add.ts";
import { removeReference } from "../references/remove.ts";
import { readReference, referenceView } from "../references/view.ts";
import { servicesOf } from "../services.ts";
import { parseWith } from "./json-body.ts";
import { preferredWaitMs, untilDone } from "./prefer.ts";
import { readSubmission } from "./submission.ts";

const querySchema = z.strictObject({ library: nameSchema.default(DEFAULT_LIBRARY) });

function keyOf(c: AppContext): ReferenceKey {
  const { library } = parseWith(querySchema, c.req.query());
  return { tenant: c.get("caller").tenant, library, id: c.req.param("id") ?? "" };
}

export const references = new Hono<AppEnv>()
  .post("/", requireScope("references:write"), async (c) => {
    const { options, origin } = await readSubmission(c, referenceOptionsSchema);
    const submission = { tenant: c.get("caller").tenant, options, origin, waitMs: preferredWaitMs(c) };
    const added = addReference(servicesOf(c.env, c.executionCtx), submission);
    const { status, row } = await untilDone(c, added);
    const library = row.library === DEFAULT_LIBRARY ? "" : `?library=${row.library}`;
    c.header("location", `/v1/references/${encodeURIComponent(row.id)}${library}`);
    if (status === 202) c.header("retry-after", "1");
    return c.json(referenceView(row), status);
  })
  .all("/", onlyMethods("POST"))
  .get("/:id", requireScope("references:read"), async (c) =>
    c.json(await readReference(servicesOf(c.env, c.executionCtx), keyOf(c))),
  )
  .delete("/:id", requireScope("references:write"), async (c) => {
    await removeReference(servicesOf(c.env, c.executionCtx), keyOf(c));
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "DELETE"));
