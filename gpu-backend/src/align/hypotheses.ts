// Which lines are tried: every offset for small matrices, the offsets that the best frame pairs vote for
// (a Hough transform) for large ones.

import type { Line } from "./line.ts";
import type { Pair } from "./pair.ts";

const SPEEDS = [1, 0.5, 0.67, 0.75, 0.8, 0.9, 1.1, 1.25, 1.33, 1.5, 2];
/** With fewer query places than this only the natural speed is tried. */
const MIN_PLACES_FOR_SPEED = 12;
const MAX_DENSE_STEPS = 4_000_000;
const VOTED_LINES = 48;
const VOTING_PLACES = 2_000;
const VOTES_PER_PLACE = 3;

function offsetStepS(pair: Pair): number {
  return 0.5 / Math.max(pair.queryTimeline.rate, pair.referenceTimeline.rate);
}

function denseLines(pair: Pair, speeds: number[]): Line[] {
  const step = offsetStepS(pair);
  const lines: Line[] = [];
  for (const speed of speeds) {
    const from = -speed * pair.queryTimeline.durationS;
    const steps = Math.ceil((pair.referenceTimeline.durationS - from) / step);
    // Counted from offset 0, so that a whole copy's line is hit exactly.
    const lowest = Math.ceil(from / step);
    for (let i = 0; i <= steps; i++) lines.push({ speed, offsetS: (lowest + i) * step });
  }
  return lines;
}

function nearestPartners(pair: Pair, frame: number): number[] {
  const row = pair.similarities.subarray(frame * pair.referenceFrames, (frame + 1) * pair.referenceFrames);
  const best: number[] = [];
  for (let i = 0; i < row.length; i++) {
    if ((row[i] as number) < pair.calibration.frame_similarity_floor) continue;
    best.push(i);
    best.sort((a, b) => (row[b] as number) - (row[a] as number));
    if (best.length > VOTES_PER_PLACE) best.pop();
  }
  return best;
}

function votedLines(pair: Pair, speeds: number[]): Line[] {
  const { frameAt, rate } = pair.queryTimeline;
  const step = 2 * offsetStepS(pair);
  const votes = new Map<string, { line: Line; weight: number }>();
  const stride = Math.ceil(frameAt.length / VOTING_PLACES);
  for (let place = 0; place < frameAt.length; place += stride) {
    const frame = frameAt[place] as number;
    if (frame < 0) continue;
    for (const partner of nearestPartners(pair, frame)) {
      const middleS =
        ((pair.reference.startS[partner] as number) + (pair.reference.endS[partner] as number)) / 2;
      const weight = pair.similarities[frame * pair.referenceFrames + partner] as number;
      for (const speed of speeds) {
        const bin = Math.round((middleS - (speed * (place + 0.5)) / rate) / step);
        const key = `${speed} ${bin}`;
        const vote = votes.get(key) ?? { line: { speed, offsetS: bin * step }, weight: 0 };
        vote.weight += weight;
        votes.set(key, vote);
      }
    }
  }
  const winners = [...votes.values()].sort((a, b) => b.weight - a.weight).slice(0, VOTED_LINES);
  return winners.flatMap(({ line }) =>
    [-1, -0.5, 0, 0.5, 1].map((shift) => ({ speed: line.speed, offsetS: line.offsetS + shift * step })),
  );
}

export function hypotheses(pair: Pair): Line[] {
  const places = pair.queryTimeline.frameAt.length;
  const speeds = places < MIN_PLACES_FOR_SPEED ? [1] : SPEEDS;
  const offsets = (pair.queryTimeline.durationS + pair.referenceTimeline.durationS) / offsetStepS(pair);
  if (offsets * places * speeds.length <= MAX_DENSE_STEPS) return denseLines(pair, speeds);
  return votedLines(pair, speeds);
}
