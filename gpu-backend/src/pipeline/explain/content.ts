// The explanation of a query that was compared by its pictures. All of it is worked out only when it is asked
// for: the matrices are computed again, and the views that led to something described again.

import {
  byStrength,
  EXPLAINED_CANDIDATES,
  EXPLAINED_SEGMENTS,
  type ExplainedCandidate,
  type ExplainedLook,
  type ExplainedMatrix,
  type Explanation,
  MATRIX_MAX_BYTES,
  MATRIX_MAX_SIDE,
} from "@twinframe/shared/contract";
import { type AlignedSegment, WHOLE_LOOK } from "../../align/align.ts";
import type { FrameTrack } from "../../index/vector-index.ts";
import { coveredS, type Decision, decide } from "../../verdict/decide.ts";
import { rounded, roundedSegment } from "../../verdict/judge.ts";
import { reasonOf } from "../../verdict/reason.ts";
import type { DescribedVideo } from "../describe.ts";
import { describeView } from "../describe-view.ts";
import { viewNamed } from "../query-views.ts";
import type { AlignedCandidate } from "../refine-with-views.ts";
import type { Stages } from "../stages.ts";
import { groundsOf } from "./grounds.ts";
import { reasonForNoCandidates } from "./nothing-compared.ts";

/** A check that has ended: the query, what it was compared with, and how it was looked at. */
export interface ComparedQuery {
  /** `tenant/library`. */
  library: string;
  described: DescribedVideo;
  candidates: AlignedCandidate[];
  looks: ExplainedLook[];
}

type ExplainStages = Pick<Stages, "index" | "aligner" | "embedder" | "policy">;

export async function explainContent(
  { library, described, candidates, looks }: ComparedQuery,
  stages: ExplainStages,
  signal?: AbortSignal,
): Promise<Explanation> {
  const { track, pictures } = described;
  const best = candidates
    .map((candidate) => {
      const decision = decide(candidate.segments, track, candidate, stages.policy);
      const { verdict, bestScore: score, segments } = decision;
      return { candidate, decision, verdict, score, coveredS: coveredS(segments.map((s) => s.query)) };
    })
    // As matches are ordered.
    .sort((a, b) => byStrength(a, b) || b.coveredS - a.coveredS)
    .slice(0, EXPLAINED_CANDIDATES);
  const references = await stages.index.descriptorsOf(
    library,
    best.map(({ candidate }) => candidate.referenceId),
  );
  const tracks = new Map([[WHOLE_LOOK.name, track]]);
  const explained: ExplainedCandidate[] = [];
  for (const { candidate, decision } of best) {
    signal?.throwIfAborted();
    const view = surestFirst(candidate.segments)[0]?.view ?? WHOLE_LOOK.name;
    const query = tracks.get(view) ?? (await viewTrack(view, described, stages));
    const reference = references.get(candidate.referenceId);
    if (query) tracks.set(view, query);
    const matrix =
      query && reference ? await matrixOf(query, reference, view, candidate.segments, stages) : null;
    explained.push(told(candidate, decision, matrix, track, stages));
  }
  const reason =
    explained.length === 0
      ? { reason: await reasonForNoCandidates(library, track, looks.length, stages) }
      : {};
  return { ...groundsOf(stages), looks, box: pictures.box, candidates: explained, ...reason };
}

const surestFirst = (segments: AlignedSegment[]) => segments.toSorted((a, b) => b.score - a.score);

function told(
  { referenceId, segments }: AlignedCandidate,
  decision: Decision<AlignedSegment>,
  matrix: ExplainedMatrix | null,
  query: FrameTrack,
  { policy }: ExplainStages,
): ExplainedCandidate {
  const shown = surestFirst(segments)
    .slice(0, EXPLAINED_SEGMENTS)
    .sort((a, b) => a.query.start_s - b.query.start_s);
  return {
    reference_id: referenceId,
    verdict: decision.verdict,
    rule: decision.rule,
    reason: reasonOf(decision, query, policy),
    best_score: rounded(decision.bestScore, 6),
    segments: shown.map((segment) => ({
      ...roundedSegment(segment),
      view: segment.view,
      evidence: Object.fromEntries(
        Object.entries(segment.evidence).map(([name, value]) => [name, rounded(value, 4)]),
      ),
    })),
    matrix,
  };
}

/** The query again as a look saw it; null for a look that no longer exists. */
export async function viewTrack(
  name: string,
  { pictures }: Pick<DescribedVideo, "pictures">,
  { embedder }: Pick<Stages, "embedder">,
): Promise<FrameTrack | null> {
  const view = viewNamed(name, pictures);
  return view ? describeView(pictures, view.map, embedder) : null;
}

/** The picture of a pair with the segments that this view found; null when there is nothing to show. */
export async function matrixOf(
  query: FrameTrack,
  reference: FrameTrack,
  view: string,
  found: Pick<AlignedSegment, "query" | "reference" | "score" | "view">[],
  { aligner, policy }: Pick<Stages, "aligner" | "policy">,
): Promise<ExplainedMatrix | null> {
  const segments = found
    .filter((segment) => segment.view === view)
    .map(({ query: inQuery, reference: inReference, score }) => ({
      query: inQuery,
      reference: inReference,
      colour: "red" as const,
      dashed: score < policy.copy_score,
    }));
  // A picture of noise does not compress: it is then made smaller.
  for (let maxSide = MATRIX_MAX_SIDE; ; maxSide = Math.floor(0.75 * maxSide)) {
    const picture = await aligner.picture({ query, reference, segments, maxSide });
    if (picture === null) return null;
    const { png, width, height } = picture;
    if (png.length > MATRIX_MAX_BYTES) continue;
    return {
      png_base64: Buffer.from(png).toString("base64"),
      width,
      height,
      view,
      query_s: rounded(query.durationS, 2),
      reference_s: rounded(reference.durationS, 2),
    };
  }
}
