// Everything that is measured on a labelled set: what the table, the report and a stored run are made of.

import type { CheckedQuery, CheckedSet } from "./check-set.ts";
import { type CostFigures, costFigures } from "./measure/costs.ts";
import { type MethodFigures, methodFigures } from "./measure/figures.ts";
import type { Finding } from "./measure/judged-queries.ts";
import { isCopy, shippedVerdict } from "./verdicts.ts";
import type { LabelledSet } from "./video-set.ts";

/** What a run was made of. */
export interface RunHeader {
  /** The set's folder by name. */
  set: string;
  model: { id: string; version: string };
  policy: Record<string, number>;
  /** ISO 8601. */
  madeAt: string;
  atOnce: number;
}

export interface SetEvaluation extends RunHeader {
  counts: { references: number; queries: number; copies: number; unrelated: number; sameScene: number };
  remarks: string[];
  unreadable: string[];
  /** Twinframe first, then the baselines that ran. */
  methods: [MethodFigures, ...MethodFigures[]];
  cost: CostFigures;
}

const OWN_NAME = "Twinframe";

export function findingsOf(checked: readonly CheckedQuery[]): Finding[] {
  return checked.flatMap(({ queryId, matches }) =>
    matches.map((match) => {
      const verdict = shippedVerdict(match);
      return {
        queryId,
        referenceId: match.reference_id,
        score: match.score,
        called: isCopy(verdict),
        review: verdict === "review",
        segments: match.visual.segments,
      };
    }),
  );
}

export interface BaselineFindings {
  name: string;
  findings: Finding[];
}

export function evaluateSet(
  header: RunHeader,
  { references, queries, labels }: LabelledSet,
  { checked, stored, unreadable }: CheckedSet,
  baselines: readonly BaselineFindings[],
): SetEvaluation {
  const ids = queries.map(({ id }) => id);
  const negatives = (kind: string) => ids.filter((id) => labels.queries.get(id)?.negative === kind).length;
  return {
    ...header,
    counts: {
      references: references.length,
      queries: queries.length,
      copies: ids.filter((id) => labels.truth.has(id)).length,
      unrelated: negatives("unrelated"),
      sameScene: negatives("same_scene"),
    },
    remarks: labels.remarks,
    unreadable,
    methods: [
      methodFigures(OWN_NAME, findingsOf(checked), ids, labels),
      ...baselines.map(({ name, findings }) => methodFigures(name, findings, ids, labels)),
    ],
    cost: costFigures(
      checked.flatMap(({ timingsMs }) => timingsMs ?? []),
      stored,
    ),
  };
}
