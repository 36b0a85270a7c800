// The explanation of a query that was compared by its pictures. All of it is computed only when it is asked for: the
// matrices again, and the descriptors of the views that found something again.

import {
  byStrength,
  EXPLAINED_CANDIDATES,
  EXPLAINED_SEGMENTS,
  type ExplainedCandidate,
  type ExplainedMatrix,
  type Explanation,
  MATRIX_MAX_BYTES,
  MATRIX_MAX_SIDE,
} from "@twinframe/shared/contract";
import { type AlignedSegment, WHOLE_VIEW } from "../../align/align.ts";
import type { Aligner } from "../../align/aligner.ts";
import type { FrameTrack } from "../../index/frame-track.ts";
import { coveredS, type Judgement, judge } from "../../verdict/judge.ts";
import { rounded, roundedSegment } from "../../verdict/match.ts";
import { reasonOf } from "../../verdict/reason.ts";
import type { AlignedCandidate, Comparison } from "../comparison.ts";
import type { DescribedVideo } from "../describe.ts";
import { describeView } from "../describe-view.ts";
import { viewNamed } from "../query-views.ts";
import type { JudgeStage, SearchStage, ViewStage } from "../stages.ts";
import { explanationBasis } from "./explanation-basis.ts";
import { reasonForNoCandidates } from "./no-candidates.ts";

/** A query that was compared, and what that gave. */
export interface ComparedQuery {
  /** `tenant/library`. */
  library: string;
  described: DescribedVideo;
  comparison: Comparison;
}

/** Draws the similarity matrix of a pair. */
interface PictureStage {
  aligner: Pick<Aligner, "picture">;
}

interface ExplainStages extends PictureStage, JudgeStage {
  index: SearchStage["index"];
  embedder: SearchStage["embedder"] & ViewStage["embedder"];
}

export async function explainContent(
  { library, described, comparison }: ComparedQuery,
  stages: ExplainStages,
  signal?: AbortSignal,
): Promise<Explanation> {
  const { track, pictures } = described;
  const best = comparison.candidates
    .map((candidate) => {
      const judgement = judge(candidate.segments, track, candidate, stages.policy);
      const { verdict, bestScore: score, segments } = judgement;
      return { candidate, judgement, verdict, score, coveredS: coveredS(segments.map((s) => s.query)) };
    })
    // As matches are ordered.
    .sort((a, b) => byStrength(a, b) || b.coveredS - a.coveredS)
    .slice(0, EXPLAINED_CANDIDATES);
  const references = await stages.index.descriptorsOf(
    library,
    best.map(({ candidate }) => candidate.referenceId),
  );
  const tracks = new Map([[WHOLE_VIEW.name, track]]);
  const explained: ExplainedCandidate[] = [];
  for (const { candidate, judgement } of best) {
    signal?.throwIfAborted();
    const view = surestFirst(candidate.segments)[0]?.view ?? WHOLE_VIEW.name;
    const query = tracks.get(view) ?? (await viewTrack(view, described, stages));
    const reference = references.get(candidate.referenceId);
    if (query) tracks.set(view, query);
    const matrix =
      query && reference
        ? await matrixOf({ query, reference, view, found: candidate.segments }, stages)
        : null;
    explained.push(
      toExplainedCandidate(candidate, judgement, reasonOf(judgement, track, stages.policy), matrix),
    );
  }
  const { views } = comparison;
  const reason =
    explained.length === 0
      ? { reason: await reasonForNoCandidates({ library, track, views: views.length }, stages) }
      : {};
  return { ...explanationBasis(stages), looks: views, box: pictures.box, candidates: explained, ...reason };
}

const surestFirst = (segments: AlignedSegment[]) => segments.toSorted((a, b) => b.score - a.score);

function toExplainedCandidate(
  { referenceId, segments }: AlignedCandidate,
  { verdict, rule, bestScore }: Judgement,
  reason: string,
  matrix: ExplainedMatrix | null,
): ExplainedCandidate {
  const shown = surestFirst(segments)
    .slice(0, EXPLAINED_SEGMENTS)
    .sort((a, b) => a.query.start_s - b.query.start_s);
  return {
    reference_id: referenceId,
    verdict,
    rule,
    reason,
    best_score: rounded(bestScore, 6),
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

/** The query as a view shows it, described again; null for a view that no longer exists. */
export async function viewTrack(
  name: string,
  { pictures }: Pick<DescribedVideo, "pictures">,
  { embedder }: ViewStage,
): Promise<FrameTrack | null> {
  const view = viewNamed(name, pictures);
  return view ? describeView(pictures, view.map, embedder) : null;
}

/** A query and a reference, and the segments that were found in any view of the query. */
export interface MatrixPair {
  query: FrameTrack;
  reference: FrameTrack;
  /** The name of the view that `query` shows. */
  view: string;
  found: Pick<AlignedSegment, "query" | "reference" | "score" | "view">[];
}

/** The picture of a pair with the segments that this view found; null when there is nothing to show. */
export async function matrixOf(
  { query, reference, view, found }: MatrixPair,
  { aligner, policy }: PictureStage & JudgeStage,
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
