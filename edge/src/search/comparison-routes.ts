// Two videos with one another, as JSON or as the picture alone.

import { type ComparedVideo, createComparisonSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { requireScope } from "../auth/authenticate.ts";
import { fromBase64 } from "../platform/base64.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { compare } from "./compare.ts";
import type { AskedVideo } from "./subject.ts";

const asked = (video: ComparedVideo): AskedVideo =>
  "url" in video
    ? { kind: "url", url: video.url }
    : { kind: "reference", library: video.library, id: video.reference_id };

/** Whether the picture is what the client names first. */
function wantsPicture(c: AppContext): boolean {
  const types = (c.req.header("accept") ?? "")
    .split(",")
    .map((part) => part.split(";")[0]!.trim().toLowerCase());
  return types.find((type) => type === "image/png" || type === "application/json") === "image/png";
}

export const comparisons = new Hono<AppEnv>()
  .post("/", requireScope("checks:write"), async (c) => {
    const { a, b } = parseWith(createComparisonSchema, await readJson(c));
    const asking = { tenant: c.get("caller").tenant, waitMs: preferredWaitMs(c, LONGEST_WAIT_S) };
    const comparing = compare(requestContextOf(c.env, c.executionCtx), asking, asked(a), asked(b));
    const comparison = await untilDone(c, comparing);
    c.header("vary", "accept", { append: true });
    if (!wantsPicture(c)) return c.json(comparison);
    if (comparison.matrix === null)
      throw new ProblemError(
        "nothing_to_show",
        "One of the two shows nothing that could be compared. Ask for application/json instead.",
      );
    const png = fromBase64(comparison.matrix.png_base64);
    return c.body(png, 200, { "content-type": "image/png" });
  })
  .all("/", onlyMethods("POST"));
