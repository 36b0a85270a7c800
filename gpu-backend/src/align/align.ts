// Temporal alignment of one query with one reference: the segments in which the query shows the reference, each
// with its offset and speed. Monotone within a segment; segments do not overlap in the query.

import type { Segment } from "@twinframe/shared/contract";
import type { FrameTrack } from "../index/frame-track.ts";
import { type Evidence, evidenceOf, scoreOf, type ViewKind } from "./evidence.ts";
import { hypotheses } from "./hypotheses.ts";
import { bestStretch, type Line, type Stretch } from "./line.ts";
import { type ComparedModel, type Pair, pairOf } from "./pair.ts";

const MAX_SEGMENTS = 16;
const FINALISTS = 32;
/** Seconds; shorter agreement is chance. A video shorter than this may agree as a whole. */
const MIN_SEGMENT_S = 1.5;
const MIN_PLACES = 3;
/** With a speed to choose freely, fewer places agree by chance. */
const MIN_PLACES_AT_OTHER_SPEED = 8;

/** The view in which a query is compared. */
export interface QueryView {
  name: string;
  kind: ViewKind;
  mirrored: boolean;
}
export const WHOLE_VIEW: QueryView = { name: "whole", kind: "whole", mirrored: false };

export interface AlignedSegment extends Segment {
  evidence: Evidence;
  /** The view's name and kind. */
  view: string;
  kind: ViewKind;
}

/** A pair and the view in which its query is compared. */
type ViewedPair = Pair & { view: QueryView };

interface Found {
  stretch: Stretch;
  evidence: Evidence;
  score: number;
  /** Agreement gathered, for choosing between lines: long and sure beats short or doubtful. */
  weight: number;
}

function judged(pair: ViewedPair, stretch: Stretch): Found {
  const evidence = evidenceOf(pair, stretch);
  const score = scoreOf(evidence, pair.view.kind, pair.calibration.score);
  // The natural speed wins ties: a still picture fits every speed.
  const bias = stretch.line.speed === 1 ? 1.02 : 1;
  return { stretch, evidence, score, weight: bias * stretch.gain * (0.2 + Math.max(0, evidence.motion)) };
}

function longEnough(pair: ViewedPair, { line, first, last }: Stretch): boolean {
  const places = last - first + 1;
  if (line.speed !== 1 && places < MIN_PLACES_AT_OTHER_SPEED) return false;
  const { rate, durationS } = pair.queryTimeline;
  const minS = Math.min(MIN_SEGMENT_S, 0.8 * durationS, 0.8 * pair.referenceTimeline.durationS);
  return places >= Math.min(MIN_PLACES, pair.queryTimeline.frameAt.length) && places / rate >= minS;
}

/** Nearby lines with finer steps of speed and offset, turning about the stretch's middle. */
function neighbours({ line, first, last }: Stretch, pair: ViewedPair): Line[] {
  const middleS = (first + last + 1) / 2 / pair.queryTimeline.rate;
  const step = 0.25 / Math.max(pair.queryTimeline.rate, pair.referenceTimeline.rate);
  const bends = line.speed === 1 ? [0] : [-0.04, -0.02, 0, 0.02, 0.04];
  return bends.flatMap((bend) =>
    [-1, 0, 1].map((shift) => {
      const speed = line.speed + bend;
      return { speed, offsetS: line.offsetS - bend * middleS + shift * step };
    }),
  );
}

function strongest(pair: ViewedPair, lines: Line[], taken: Uint8Array): Found | null {
  const stretches: Stretch[] = [];
  for (const line of lines) {
    const stretch = bestStretch(pair, line, taken);
    if (stretch && longEnough(pair, stretch)) stretches.push(stretch);
  }
  stretches.sort((a, b) => b.gain - a.gain);
  const best = heaviest(stretches.slice(0, FINALISTS).map((stretch) => judged(pair, stretch)));
  if (!best) return null;
  const finer = neighbours(best.stretch, pair)
    .map((line) => bestStretch(pair, line, taken))
    .filter((stretch) => stretch !== null && longEnough(pair, stretch)) as Stretch[];
  const chosen = heaviest([best, ...finer.map((stretch) => judged(pair, stretch))]) as Found;
  return tightened(pair, chosen, taken);
}

/**
 * Cuts ends that are above the floor but far below the stretch's own level: a neighbouring scene that is a
 * little alike, not the copy. What is cut stays free for another segment.
 */
function tightened(pair: ViewedPair, found: Found, taken: Uint8Array): Found {
  const { line, first, last } = found.stretch;
  const floor = (pair.calibration.frame_similarity_floor + found.evidence.similarity) / 2;
  const stretch = bestStretch(pair, line, taken, { first, last, floor });
  return stretch && longEnough(pair, stretch) ? judged(pair, stretch) : found;
}

/** Of lines that pair the very same frames and so weigh the same, the middle one: its offset is the least off. */
function heaviest(found: Found[]): Found | null {
  const most = Math.max(...found.map(({ weight }) => weight));
  const tied = found.filter(({ weight }) => weight >= most * (1 - 1e-9));
  tied.sort((a, b) => a.stretch.line.offsetS - b.stretch.line.offsetS);
  return tied[Math.floor(tied.length / 2)] ?? null;
}

function segmentOf(pair: ViewedPair, { stretch, evidence, score }: Found): AlignedSegment {
  const { rate, durationS } = pair.queryTimeline;
  const startS = stretch.first / rate;
  const endS = Math.min(durationS, (stretch.last + 1) / rate);
  const { speed, offsetS } = stretch.line;
  const within = (timeS: number) => Math.min(pair.referenceTimeline.durationS, Math.max(0, timeS));
  return {
    query: { start_s: startS, end_s: endS },
    reference: { start_s: within(speed * startS + offsetS), end_s: within(speed * endS + offsetS) },
    score,
    speed,
    mirrored: pair.view.mirrored,
    view: pair.view.name,
    kind: pair.view.kind,
    evidence,
  };
}

/** Segments in the order of the query's time; none when nothing agrees for long enough. */
export function align(
  query: FrameTrack,
  reference: FrameTrack,
  model: ComparedModel,
  view: QueryView = WHOLE_VIEW,
): AlignedSegment[] {
  if (query.startS.length === 0 || reference.startS.length === 0) return [];
  const pair = { ...pairOf(query, reference, model), view };
  const lines = hypotheses(pair);
  const taken = new Uint8Array(pair.queryTimeline.frameAt.length);
  const segments: AlignedSegment[] = [];
  while (segments.length < MAX_SEGMENTS) {
    const found = strongest(pair, lines, taken);
    if (!found) break;
    segments.push(segmentOf(pair, found));
    taken.fill(1, found.stretch.first, found.stretch.last + 1);
  }
  return segments.sort((a, b) => a.query.start_s - b.query.start_s);
}
