// A small evaluation for tests of what shows or stores one.

import type { CheckedQuery } from "./check-set.ts";
import { evaluateSet, type SetEvaluation } from "./set-evaluation.ts";
import type { SetLabels } from "./set-labels.ts";

export interface Said {
  query: string;
  reference: string;
  score: number;
  verdict: "duplicate" | "review";
}

/** `q1` copies `r1`, `q2` copies `r2`, `n1` copies nothing; ids and edits may be given other names. */
export function evaluationOf(
  said: readonly Said[],
  names: { query?: string; edit?: string; set?: string; unreadable?: string[] } = {},
): { evaluation: SetEvaluation; checked: CheckedQuery[]; labels: SetLabels } {
  const { query: first = "q1", edit = "crop", set = "small" } = names;
  const ids = [first, "q2", "n1"];
  const labels: SetLabels = {
    truth: new Map([
      [first, new Map([["r1", []]])],
      ["q2", new Map([["r2", []]])],
    ]),
    queries: new Map(
      ids.map((id) => [
        id,
        {
          edit: id === "n1" ? null : edit,
          edits: null,
          group: null,
          negative: id === "n1" ? "unrelated" : null,
        },
      ]),
    ),
    groupOf: new Map(),
    remarks: [],
  };
  const range = { start_s: 0, end_s: 5 };
  const checked = ids.map(
    (queryId): CheckedQuery => ({
      queryId,
      timingsMs: { decode: 10 },
      matches: said
        .filter(({ query }) => query === queryId)
        .map(({ reference, score, verdict }) => ({
          reference_id: reference,
          verdict,
          score,
          visual: {
            query_coverage: 1,
            reference_coverage: 1,
            segments: [{ query: range, reference: range, score, speed: 1, mirrored: false }],
          },
        })),
    }),
  );
  const videos = (all: string[]) => all.map((id) => ({ id, file: `/nowhere/${id}.mp4` }));
  const evaluation = evaluateSet(
    {
      set,
      atOnce: 1,
      madeAt: "2026-01-01T00:00:00.000Z",
      model: { id: "made-up", version: "1" },
      policy: { review_score: 0.35 },
    },
    { references: videos(["r1", "r2"]), queries: videos(ids), labels },
    { checked, stored: { bytes: 1000, seconds: 60 }, unreadable: names.unreadable ?? [] },
    [],
  );
  return { evaluation, checked, labels };
}
