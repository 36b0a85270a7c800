// Two videos with one another, as JSON or as the picture alone.

import { type ComparedVideo, comparisonSchema, createComparisonSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { needs } from "../auth/access.ts";
import { fromBase64 } from "../platform/base64.ts";
import type { AppContext } from "../platform/http/http-types.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { LONGEST_WAIT_S, preferredWaitMs, untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { questionWaitHeader, VIDEO_PROBLEMS } from "../platform/openapi/video-input.ts";
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

export const comparisons = new Api().serve(
  createRoute({
    method: "post",
    path: "/v1/comparisons",
    operationId: "compare",
    tags: ["Search"],
    summary: "Two videos with one another",
    description:
      "Each a `url` or a `reference_id`. With `Accept: image/png` the answer is the similarity matrix alone. " +
      "Nothing is written down. Where the wait ends first, send the same again: it joins what is under way.",
    ...needs("checks:write"),
    request: { headers: questionWaitHeader, body: jsonBody(createComparisonSchema) },
    responses: {
      200: {
        description: "What the two share.",
        content: { "image/png": {}, ...json(comparisonSchema.meta({ id: "Comparison" })) },
      },
    },
    problems: [...VIDEO_PROBLEMS, "reference_not_found", "nothing_to_show", "analysis_timeout"],
  }),
  async (c) => {
    const { a, b } = c.req.valid("json");
    const asking = { tenant: tenantOf(c), waitMs: preferredWaitMs(c, LONGEST_WAIT_S) };
    const comparison = await untilDone(c, compare(contextOf(c), asking, asked(a), asked(b)));
    c.header("vary", "accept", { append: true });
    if (!wantsPicture(c)) return c.json(comparison, 200);
    if (comparison.matrix === null)
      throw new ProblemError(
        "nothing_to_show",
        "One of the two shows nothing that could be compared. Ask for application/json instead.",
      );
    const png = fromBase64(comparison.matrix.png_base64);
    return c.body(png, 200, { "content-type": "image/png" });
  },
);
