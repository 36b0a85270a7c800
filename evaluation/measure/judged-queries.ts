// What a method said of every query, held against the labels: the counts that all verdict figures come from.

import type { NegativeKind, SetLabels } from "../set-labels.ts";
import type { ScoredPair } from "./ranking.ts";
import { type Box, type SegmentFit, segmentFit } from "./segments.ts";

/** A pair that a method found: Twinframe, or a baseline. */
export interface Finding extends ScoredPair {
  /** At the method's shipped threshold. */
  called: boolean;
  /** Left to a person; null where the method knows only yes and no. */
  review: boolean | null;
  /** Null where the method tells no times. */
  segments: Box[] | null;
}

export interface JudgedQuery {
  id: string;
  edit: string | null;
  negative: NegativeKind | null;
  truePairs: number;
  /** References of the query's own scene that it does not copy. */
  sameScenePairs: number;
  called: { all: number; right: number; sameScene: number };
  /** Nothing was called a copy, but something was left to a person; null where the method leaves nothing. */
  review: boolean | null;
  /** The mean over its true pairs whose times are known; null when there are none or the method tells none. */
  fit: SegmentFit | null;
}

/** Whether a reference shows the query's scene without being copied by it. */
export function isSameScene({ truth, queries, groupOf }: SetLabels, queryId: string, referenceId: string) {
  const group = queries.get(queryId)?.group ?? null;
  return group !== null && groupOf.get(referenceId) === group && !truth.get(queryId)?.has(referenceId);
}

export function judgeQueries(
  findings: readonly Finding[],
  queryIds: readonly string[],
  labels: SetLabels,
): JudgedQuery[] {
  const found = Map.groupBy(findings, ({ queryId }) => queryId);
  const reviews = findings.every(({ review }) => review !== null);
  const timed = findings.every(({ segments }) => segments !== null);
  const referencesOf = Map.groupBy(labels.groupOf, ([, group]) => group);
  return queryIds.map((id) => {
    const own = found.get(id) ?? [];
    const called = own.filter((finding) => finding.called);
    const { edit = null, negative = null, group = null } = labels.queries.get(id) ?? {};
    const truth = labels.truth.get(id);
    const scene = group === null ? [] : (referencesOf.get(group) ?? []);
    return {
      id,
      edit,
      negative,
      truePairs: truth?.size ?? 0,
      sameScenePairs: scene.filter(([reference]) => isSameScene(labels, id, reference)).length,
      called: {
        all: called.length,
        right: called.filter(({ referenceId }) => truth?.has(referenceId)).length,
        sameScene: called.filter(({ referenceId }) => isSameScene(labels, id, referenceId)).length,
      },
      review: reviews ? called.length === 0 && own.some(({ review }) => review) : null,
      fit: timed ? fitOf(called, truth) : null,
    };
  });
}

function fitOf(called: readonly Finding[], truth: Map<string, Box[]> | undefined): SegmentFit | null {
  const fits = [...(truth ?? [])]
    .filter(([, boxes]) => boxes.length > 0)
    .map(([reference, boxes]) =>
      segmentFit(called.find(({ referenceId }) => referenceId === reference)?.segments ?? [], boxes),
    );
  if (fits.length === 0) return null;
  const mean = (side: keyof SegmentFit) => fits.reduce((sum, fit) => sum + fit[side], 0) / fits.length;
  return { precision: mean("precision"), recall: mean("recall") };
}
