// What is done when a query's whole frames matched nothing for sure: it is looked at mirrored, turned and in
// parts, the cheap rounds first, until one finds the query to be a duplicate. Pictures found within the picture
// are looked at in any case.

import type { AlignedSegment } from "../align/align.ts";
import type { FrameTrack, VectorIndex } from "../index/vector-index.ts";
import { rankCandidates } from "./candidates.ts";
import { describeView, interleaved, type Pictures, thinned } from "./describe-view.ts";
import type { StageClock } from "./progress.ts";
import { type NamedView, viewRounds } from "./query-views.ts";
import type { Stages } from "./stages.ts";

/** Frames that a view is looked at with first; those that lead to something are then looked at with all. */
const FIRST_LOOK_FRAMES = 24;
/** References that each view may bring forward. */
const CANDIDATES_PER_VIEW = 4;
/** Views that are looked at with all their frames, a round. */
const SECOND_LOOKS = 4;
/** A first look's segment below this score is not followed. */
const WORTH_FOLLOWING = 0.02;

export interface AlignedCandidate {
  referenceId: string;
  durationS: number;
  segments: AlignedSegment[];
}

export type RefineStages = Pick<Stages, "aligner" | "search" | "embedder"> & {
  index: Pick<VectorIndex, "searchBatch" | "descriptorsOf">;
};

interface Look {
  view: NamedView | null;
  track: FrameTrack;
}

/** One look at a query against the library. `view` null: the whole frames. */
export async function alignLook(
  library: string,
  { view, track }: Look,
  stages: RefineStages,
  maxCandidates: number,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  if (track.startS.length === 0) return [];
  const { index, search, embedder } = stages;
  const floor = embedder.manifest.calibration.frame_similarity_floor;
  const tracks = await clock.time("search", async () => {
    const hits = await index.searchBatch(library, track.vectors, search.framesPerQuery);
    return index.descriptorsOf(library, rankCandidates(hits, track, floor, maxCandidates));
  });
  return alignWith(tracks, { view, track }, stages, clock);
}

async function alignWith(
  tracks: Map<string, FrameTrack>,
  { view, track }: Look,
  { aligner }: RefineStages,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  return clock.time("align", async () => {
    const references = [...tracks];
    const aligned = await aligner.align(
      track,
      references.map(([, reference]) => reference),
      view,
    );
    return references.map(([referenceId, { durationS }], i) => ({
      referenceId,
      durationS,
      segments: aligned[i] ?? [],
    }));
  });
}

/** What every look found: `found`, and the further rounds as far as `isSettled` says that they are needed. */
export async function refineWithViews(
  library: string,
  pictures: Pictures,
  found: AlignedCandidate[],
  stages: RefineStages,
  clock: StageClock,
  isSettled: (candidates: AlignedCandidate[]) => boolean,
): Promise<AlignedCandidate[]> {
  const all = [...found];
  for (const { views, evenIfSettled } of stages.embedder.supportsViews ? viewRounds(pictures) : [])
    if (evenIfSettled || !isSettled(merged(all)))
      all.push(...(await lookAtRound(library, pictures, views(), stages, clock)));
  return all;
}

async function lookAtRound(
  library: string,
  pictures: Pictures,
  round: readonly NamedView[],
  stages: RefineStages,
  clock: StageClock,
): Promise<AlignedCandidate[]> {
  const { embedder, index } = stages;
  const stride = Math.max(1, Math.min(2, Math.floor(pictures.startS.length / FIRST_LOOK_FRAMES)));
  const { some, between } = thinned(pictures, stride);
  const first = await Promise.all(
    round.map(async (view) => {
      const track = await clock.time("embed", () => describeView(some, view.map, embedder));
      const found = await alignLook(library, { view, track }, stages, CANDIDATES_PER_VIEW, clock);
      return {
        view,
        track,
        found,
        best: Math.max(0, ...found.flatMap(({ segments }) => segments.map((s) => s.score))),
      };
    }),
  );
  const followed = first
    .filter(({ best }) => best >= WORTH_FOLLOWING)
    .sort((a, b) => b.best - a.best)
    .slice(0, SECOND_LOOKS);
  if (stride === 1) return followed.flatMap(({ found }) => found);
  const second: AlignedCandidate[] = [];
  for (const { view, track: every, found } of followed) {
    const ids = found
      .filter(({ segments }) => segments.some(({ score }) => score >= WORTH_FOLLOWING))
      .map(({ referenceId }) => referenceId);
    const rest = await clock.time("embed", () => describeView(between, view.map, embedder));
    const track = interleaved(every, rest, stride);
    second.push(
      ...(await alignWith(await index.descriptorsOf(library, ids), { view, track }, stages, clock)),
    );
  }
  return second;
}

/** One entry a reference; where several looks explain the same seconds of the query, the surest one counts. */
export function merged(candidates: AlignedCandidate[]): AlignedCandidate[] {
  const byReference = Map.groupBy(candidates, ({ referenceId }) => referenceId);
  return [...byReference].map(([referenceId, looks]) => {
    const segments = looks.flatMap((look) => look.segments).sort((a, b) => weightOf(b) - weightOf(a));
    const chosen: AlignedSegment[] = [];
    for (const segment of segments)
      if (chosen.every((other) => sharedS(segment, other) <= 0.2 * lengthS(segment))) chosen.push(segment);
    return {
      referenceId,
      durationS: looks[0]?.durationS ?? 0,
      segments: chosen.sort((a, b) => a.query.start_s - b.query.start_s),
    };
  });
}

const lengthS = ({ query }: AlignedSegment) => query.end_s - query.start_s;
const weightOf = (segment: AlignedSegment) => segment.score * lengthS(segment);
const sharedS = (a: AlignedSegment, b: AlignedSegment) =>
  Math.max(0, Math.min(a.query.end_s, b.query.end_s) - Math.max(a.query.start_s, b.query.start_s));
