// Two videos with one another, whether or not they are in any library. Each is looked at as a query: what is
// shown within `a` is found by looking at parts of `a`, and the other way round.

import type { AnswerTo, ExplainedMatrix } from "@twinframe/shared/contract";
import { type AlignedSegment, WHOLE_LOOK } from "../align/align.ts";
import type { FrameHits, FrameTrack } from "../index/vector-index.ts";
import { decide } from "../verdict/decide.ts";
import { exactMatch, rounded, roundedSegment } from "../verdict/judge.ts";
import { alignCandidates } from "./compare.ts";
import { matrixOf, viewTrack } from "./explain/content.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import type { Subject } from "./subject.ts";

const THE_OTHER = "other";

/** An index of one video, which every query brings forward. */
function indexOf(track: FrameTrack, dims: number) {
  return {
    searchBatch: async (_library: string, queries: Float32Array): Promise<FrameHits> => {
      const count = queries.length / dims;
      const similarity = new Float32Array(count).fill(1);
      const [reference, frame] = [new Int32Array(count), new Int32Array(count)];
      return { perQuery: 1, referenceIds: [THE_OTHER], reference, frame, similarity };
    },
    descriptorsOf: async (_library: string, ids: string[]) => new Map(ids.map((id) => [id, track])),
  };
}

async function segmentsOf(
  query: Subject,
  reference: Subject,
  stages: Stages,
  clock: StageClock,
): Promise<AlignedSegment[]> {
  const index = indexOf(reference.track, stages.index.dims);
  const [found] = await alignCandidates("", query, { ...stages, index }, clock);
  return found?.segments ?? [];
}

const bestOf = (segments: AlignedSegment[]) => segments.reduce((best, { score }) => Math.max(best, score), 0);

/** The same stretches with query and reference changed over. */
const turned = (segments: AlignedSegment[]): AlignedSegment[] =>
  segments
    .map((segment) => ({
      ...segment,
      query: segment.reference,
      reference: segment.query,
      speed: 1 / segment.speed,
    }))
    .sort((x, y) => x.query.start_s - y.query.start_s);

type Compared = Pick<AnswerTo<"comparison">, "score" | "verdict" | "segments" | "matrix">;

export async function comparePair(
  a: Subject,
  b: Subject,
  stages: Stages,
  clock: StageClock,
): Promise<AnswerTo<"comparison">> {
  const compared =
    a.packetsSha256 === b.packetsSha256
      ? await samePackets(a, b, stages)
      : await byPictures(a, b, stages, clock);
  // What was not seen may be alike.
  const isOpen = compared.verdict === "unique" && !(a.isWhole && b.isWhole);
  return {
    kind: "comparison",
    ...compared,
    ...(isOpen ? { verdict: "review" as const } : {}),
    a_duration_s: rounded(a.track.durationS, 3),
    b_duration_s: rounded(b.track.durationS, 3),
  };
}

async function byPictures(a: Subject, b: Subject, stages: Stages, clock: StageClock): Promise<Compared> {
  let segments = await segmentsOf(a, b, stages, clock);
  let looked = a;
  if (bestOf(segments) < stages.policy.copy_score && b.pictures !== null) {
    const others = turned(await segmentsOf(b, a, stages, clock));
    if (bestOf(others) > bestOf(segments)) [segments, looked] = [others, b];
  }
  const { verdict, bestScore, segments: counted } = decide(segments, a.track, b.track, stages.policy);
  return {
    score: rounded(bestScore, 6),
    verdict,
    segments: (counted.length > 0 ? counted : segments).map(roundedSegment),
    matrix: await matrixFor(a, b, looked, segments, stages),
  };
}

/** Of the view that found the best segment, which is one of `a` or of `b`. */
async function matrixFor(
  a: Subject,
  b: Subject,
  looked: Subject,
  segments: AlignedSegment[],
  stages: Stages,
): Promise<ExplainedMatrix | null> {
  const view = segments.toSorted((x, y) => y.score - x.score)[0]?.view ?? WHOLE_LOOK.name;
  const seen =
    view === WHOLE_LOOK.name || looked.pictures === null
      ? looked.track
      : ((await viewTrack(view, { pictures: looked.pictures }, stages)) ?? looked.track);
  const [query, reference] = looked === a ? [seen, b.track] : [a.track, seen];
  return matrixOf(query, reference, view, segments, stages);
}

async function samePackets(a: Subject, b: Subject, stages: Stages): Promise<Compared> {
  const { verdict, score, visual } = exactMatch(THE_OTHER, a.track, b.track);
  const drawn = visual.segments.map((segment) => ({ ...segment, view: WHOLE_LOOK.name }));
  const matrix = await matrixOf(a.track, b.track, WHOLE_LOOK.name, drawn, stages);
  return { score, verdict, segments: visual.segments, matrix };
}
