// The findings of an analysis in each way that a file can be shown, and their union.

import {
  byStrength,
  type Coverage,
  type Evidence,
  type Explanation,
  type FoundBy,
  type FoundMatch,
} from "@twinframe/shared/contract";
import type { ProbedVideo } from "../media/index.ts";

export interface Findings {
  foundBy: FoundBy | null;
  /** Best first. */
  matches: FoundMatch[];
  indexedAs: string | null;
  /** Frames sampled; 0 when nothing was decoded. */
  frames: number;
  /** Null when nothing was decoded. */
  coverage: Coverage | null;
  /** Null unless it was asked for. */
  explanation: Explanation | null;
  /** Of a look-up by content. */
  evidence: Evidence | null;
}

export const streamsOf = (showings: readonly ProbedVideo[]): number =>
  new Set(showings.map(({ videoStreamIndex }) => videoStreamIndex)).size;

const order = (a: FoundMatch, b: FoundMatch) =>
  byStrength(a, b) || b.visual.query_coverage - a.visual.query_coverage;

const seenShare = ({ coverage }: Findings) =>
  coverage === null || coverage.seen_s === null ? 0 : coverage.seen_s / coverage.duration_s;

/**
 * Of each reference the best match; the evidence and the explanation of where the best one was found; the coverage
 * of what was seen least. The first one is what players show when nobody chooses.
 */
export function unionOf(all: readonly [Findings, ...Findings[]]): Findings {
  const [first] = all;
  const matches = all.flatMap((findings) => findings.matches).sort(order);
  const best = matches[0]
    ? (all.find((findings) => findings.matches.includes(matches[0] as FoundMatch)) ?? first)
    : first;
  const seenLeast = all.toSorted((a, b) => seenShare(a) - seenShare(b))[0] as Findings;
  const known = new Set<string>();
  return {
    foundBy: best.foundBy,
    matches: matches.filter(({ reference_id }) => !known.has(reference_id) && known.add(reference_id)),
    indexedAs: null,
    frames: first.frames,
    coverage: seenLeast.coverage,
    explanation: best.explanation,
    evidence: best.evidence,
  };
}
