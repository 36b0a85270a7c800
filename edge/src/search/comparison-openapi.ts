import { comparisonSchema, createComparisonSchema } from "@twinframe/shared/contract";
import type { Operation } from "../platform/openapi/operation.ts";
import { questionWaitHeader, VIDEO_PROBLEMS } from "../platform/openapi/video-input.ts";

export const COMPARISON_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/comparisons",
    id: "compare",
    tag: "Search",
    summary: "Two videos with one another",
    description:
      "Each a `url` or a `reference_id`. With `Accept: image/png` the answer is the similarity matrix alone. " +
      "Nothing is written down. Where the wait ends first, send the same again: it joins what is under way.",
    scope: "checks:write",
    headers: questionWaitHeader,
    body: { "application/json": createComparisonSchema },
    answers: {
      200: {
        description: "What the two share.",
        schema: comparisonSchema.meta({ id: "Comparison" }),
        alsoAs: ["image/png"],
      },
    },
    problems: [...VIDEO_PROBLEMS, "reference_not_found", "nothing_to_show", "analysis_timeout"],
  },
];
