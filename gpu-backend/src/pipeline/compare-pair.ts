// Two videos with one another, whether or not they are in any library. Each is compared as a query: what is shown
// within `a` is found by views of `a`, and the other way round.

import type { AnswerTo, ExplainedMatrix } from "@twinframe/shared/contract";
import { type AlignedSegment, WHOLE_VIEW } from "../align/align.ts";
import { judge } from "../verdict/judge.ts";
import { exactMatch, rounded, roundedSegment } from "../verdict/match.ts";
import type { WorkContext } from "../work/work-context.ts";
import { onlyCandidate } from "./candidates.ts";
import { matrixOf, viewTrack } from "./explain/explain-content.ts";
import { type LookUpStages, lookUp } from "./look-up.ts";
import type { Stages } from "./stages.ts";
import type { Subject } from "./task-subject.ts";

const OTHER = "other";

export type PairStages = LookUpStages & Pick<Stages, "aligner">;

async function segmentsOf(
  query: Subject,
  reference: Subject,
  stages: PairStages,
  context: WorkContext,
): Promise<AlignedSegment[]> {
  const { candidates } = await lookUp(query, onlyCandidate(OTHER, reference.track), stages, context);
  return candidates[0]?.segments ?? [];
}

const bestOf = (segments: AlignedSegment[]) => segments.reduce((best, { score }) => Math.max(best, score), 0);

/** The same segments with query and reference exchanged. */
const exchanged = (segments: AlignedSegment[]): AlignedSegment[] =>
  segments
    .map((segment) => ({
      ...segment,
      query: segment.reference,
      reference: segment.query,
      speed: 1 / segment.speed,
    }))
    .sort((x, y) => x.query.start_s - y.query.start_s);

type Compared = Pick<AnswerTo<"comparison">, "score" | "verdict" | "segments" | "matrix">;

interface Pair {
  a: Subject;
  b: Subject;
}

export async function comparePair(
  pair: Pair,
  stages: PairStages,
  context: WorkContext,
): Promise<AnswerTo<"comparison">> {
  const { a, b } = pair;
  const compared =
    a.packetsSha256 === b.packetsSha256
      ? await samePackets(pair, stages)
      : await byPictures(pair, stages, context);
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

async function byPictures({ a, b }: Pair, stages: PairStages, context: WorkContext): Promise<Compared> {
  let segments = await segmentsOf(a, b, stages, context);
  let viewed = a;
  if (bestOf(segments) < stages.policy.copy_score && b.pictures !== null) {
    const others = exchanged(await segmentsOf(b, a, stages, context));
    if (bestOf(others) > bestOf(segments)) {
      segments = others;
      viewed = b;
    }
  }
  const { verdict, bestScore, segments: counted } = judge(segments, a.track, b.track, stages.policy);
  return {
    score: rounded(bestScore, 6),
    verdict,
    segments: (counted.length > 0 ? counted : segments).map(roundedSegment),
    matrix: await matrixFor({ a, b, viewed }, segments, stages),
  };
}

/** Of the view that found the best segment, which is a view of `a` or of `b`. */
async function matrixFor(
  { a, b, viewed }: Pair & { viewed: Subject },
  found: AlignedSegment[],
  stages: PairStages,
): Promise<ExplainedMatrix | null> {
  const view = found.toSorted((x, y) => y.score - x.score)[0]?.view ?? WHOLE_VIEW.name;
  const { track, pictures } = viewed;
  const shown =
    view === WHOLE_VIEW.name || pictures === null
      ? track
      : ((await viewTrack(view, { pictures }, stages)) ?? track);
  return viewed === a
    ? matrixOf({ query: shown, reference: b.track, view, found }, stages)
    : matrixOf({ query: a.track, reference: shown, view, found }, stages);
}

async function samePackets({ a, b }: Pair, stages: PairStages): Promise<Compared> {
  const { verdict, score, visual } = exactMatch(OTHER, a.track, b.track);
  const view = WHOLE_VIEW.name;
  const found = visual.segments.map((segment) => ({ ...segment, view }));
  const matrix = await matrixOf({ query: a.track, reference: b.track, view, found }, stages);
  return { score, verdict, segments: visual.segments, matrix };
}
