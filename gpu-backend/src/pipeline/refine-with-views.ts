// Further views of a query whose whole frames matched nothing for sure: it is compared mirrored, turned and in parts,
// the cheap rounds first, until one settles it. Pictures found within the picture are compared in any case.

import type { WorkContext } from "../work/work-context.ts";
import {
  type AlignedCandidate,
  type Comparison,
  joined,
  mergedByReference,
  type ViewComparer,
} from "./comparison.ts";
import { describeView, interleaved, type Pictures, thinned } from "./describe-view.ts";
import { type NamedView, viewRounds } from "./query-views.ts";
import type { ViewStage } from "./stages.ts";

/** Frames that a view is compared by at first; views that promise something are then compared by all frames. */
const FIRST_PASS_FRAMES = 24;
/** References that each view may bring forward. */
const CANDIDATES_PER_VIEW = 4;
/** Views that are compared by all their frames, a round. */
const SECOND_PASS_VIEWS = 4;
/** A first pass' segment below this score is not followed. */
const WORTH_FOLLOWING = 0.02;

/** A query whose whole frames have been compared. */
export interface RefinedQuery {
  pictures: Pictures;
  whole: Comparison;
  /** Whether what was found, merged by reference, needs no further views. */
  isSettled(candidates: AlignedCandidate[]): boolean;
}

/** What every view found, not merged: `whole`, and the further rounds as far as they are needed. */
export async function refineWithViews(
  { pictures, whole, isSettled }: RefinedQuery,
  comparer: ViewComparer,
  { embedder }: ViewStage,
  context: WorkContext,
): Promise<Comparison> {
  let all = whole;
  for (const { views, evenIfSettled } of embedder.supportsViews ? viewRounds(pictures) : [])
    if (evenIfSettled || !isSettled(mergedByReference(all.candidates)))
      all = joined([all, await compareRound({ pictures, views: views() }, comparer, { embedder }, context)]);
  return all;
}

async function compareRound(
  { pictures, views }: { pictures: Pictures; views: readonly NamedView[] },
  comparer: ViewComparer,
  { embedder }: ViewStage,
  { clock }: WorkContext,
): Promise<Comparison> {
  const stride = Math.max(1, Math.min(2, Math.floor(pictures.startS.length / FIRST_PASS_FRAMES)));
  const { some, between } = thinned(pictures, stride);
  const first = await Promise.all(
    views.map(async (view) => {
      const track = await clock.time("embed", () => describeView(some, view.map, embedder));
      const found = await comparer.compare({ view, track }, CANDIDATES_PER_VIEW);
      const scores = found.candidates.flatMap(({ segments }) => segments.map(({ score }) => score));
      return { view, track, found, best: Math.max(0, ...scores) };
    }),
  );
  const compared = first.flatMap(({ found }) => found.views);
  const followed = first
    .filter(({ best }) => best >= WORTH_FOLLOWING)
    .sort((a, b) => b.best - a.best)
    .slice(0, SECOND_PASS_VIEWS);
  if (stride === 1) return { candidates: followed.flatMap(({ found }) => found.candidates), views: compared };
  const second: Comparison[] = [];
  for (const { view, track: every, found } of followed) {
    const referenceIds = found.candidates
      .filter(({ segments }) => segments.some(({ score }) => score >= WORTH_FOLLOWING))
      .map(({ referenceId }) => referenceId);
    const rest = await clock.time("embed", () => describeView(between, view.map, embedder));
    const track = interleaved(every, rest, stride);
    second.push(await comparer.compareWith({ view, track }, referenceIds));
  }
  return joined([{ candidates: [], views: compared }, ...second]);
}
