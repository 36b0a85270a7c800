// What comparing a query with candidates gives: the candidates with the segments that they share with it, and which
// views of the query were compared.

import type { ExplainedLook } from "@twinframe/shared/contract";
import type { AlignedSegment, QueryView } from "../align/align.ts";
import type { FrameTrack } from "../index/frame-track.ts";

/** A query's descriptors as a view of it shows them. */
export interface ViewedTrack {
  view: QueryView;
  track: FrameTrack;
}

export interface AlignedCandidate {
  referenceId: string;
  durationS: number;
  segments: AlignedSegment[];
}

/** A view that was compared: its name, its frames, and with how many references. */
export type ComparedView = ExplainedLook;

export interface Comparison {
  candidates: AlignedCandidate[];
  /** In the order of comparison. */
  views: ComparedView[];
}

export interface ViewComparer {
  /** Of one view, with at most `limit` candidates. */
  compare(viewed: ViewedTrack, limit: number): Promise<Comparison>;
  /** Of one view, with references that it has brought forward before. */
  compareWith(viewed: ViewedTrack, referenceIds: string[]): Promise<Comparison>;
}

export const NOTHING_COMPARED: Comparison = { candidates: [], views: [] };

export function joined(comparisons: readonly Comparison[]): Comparison {
  return {
    candidates: comparisons.flatMap(({ candidates }) => candidates),
    views: comparisons.flatMap(({ views }) => views),
  };
}

/** One entry a reference; where several views explain the same seconds of the query, the surest segment counts. */
export function mergedByReference(candidates: AlignedCandidate[]): AlignedCandidate[] {
  const byReference = Map.groupBy(candidates, ({ referenceId }) => referenceId);
  return [...byReference].map(([referenceId, found]) => {
    const segments = found.flatMap((one) => one.segments).sort((a, b) => weightOf(b) - weightOf(a));
    const chosen: AlignedSegment[] = [];
    for (const segment of segments)
      if (chosen.every((other) => sharedS(segment, other) <= 0.2 * lengthS(segment))) chosen.push(segment);
    return {
      referenceId,
      durationS: found[0]?.durationS ?? 0,
      segments: chosen.sort((a, b) => a.query.start_s - b.query.start_s),
    };
  });
}

const lengthS = ({ query }: AlignedSegment) => query.end_s - query.start_s;
const weightOf = (segment: AlignedSegment) => segment.score * lengthS(segment);
const sharedS = (a: AlignedSegment, b: AlignedSegment) =>
  Math.max(0, Math.min(a.query.end_s, b.query.end_s) - Math.max(a.query.start_s, b.query.start_s));
