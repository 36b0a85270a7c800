// What a query and a stored minute cost.

import { STAGES, type Stage } from "@twinframe/shared/contract";

export interface TimeFigures {
  median: number;
  p95: number;
}

export interface CostFigures {
  /** Milliseconds a query, all stages together, and by stage; null when nothing was timed. */
  queryMs: TimeFigures | null;
  byStageMs: Partial<Record<Stage, TimeFigures>>;
  /** Bytes that the index holds of a minute of video; null without references. */
  bytesAMinute: number | null;
}

type Timings = Partial<Record<Stage, number>>;

/** The nearest rank: a time that was really measured. */
function timeFigures(times: number[]): TimeFigures | null {
  if (times.length === 0) return null;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { median: at(0.5), p95: at(0.95) };
}

export function costFigures(timings: Timings[], stored: { bytes: number; seconds: number }): CostFigures {
  const byStage = STAGES.map((stage): [Stage, TimeFigures | null] => [
    stage,
    timeFigures(timings.flatMap((one) => one[stage] ?? [])),
  ]);
  return {
    queryMs: timeFigures(timings.map((one) => Object.values(one).reduce((sum, ms) => sum + ms, 0))),
    byStageMs: Object.fromEntries(byStage.filter(([, figures]) => figures !== null)),
    bytesAMinute: stored.seconds > 0 ? (60 * stored.bytes) / stored.seconds : null,
  };
}
