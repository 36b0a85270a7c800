// How often a list's duplicates were called so, and the right video named.

import { type Estimate, estimates } from "../measure/bootstrap.ts";
import type { LabelledVideo } from "./labelled-csv.ts";

export interface LabelledOutcome {
  video: LabelledVideo;
  /** The video that it was called a duplicate of; null: unique. */
  named: string | null;
  score: number;
}

export const LABELLED_FIGURES = {
  precision: "is_duplicate precision",
  recall: "is_duplicate recall",
  f1: "is_duplicate F1",
  naming_precision: "duplicate_for precision",
  naming_recall: "duplicate_for recall",
  naming_f1: "duplicate_for F1",
} as const;
export type LabelledFigure = keyof typeof LABELLED_FIGURES;

/** Over rows that have a label. A named video counts as right when it is the one that the label names. */
export function labelledFigures(outcomes: readonly LabelledOutcome[]): Record<LabelledFigure, Estimate> {
  const rows = outcomes.filter(({ video }) => video.isDuplicate !== null);
  const strata = rows.map(({ video }) => String(video.isDuplicate));
  return estimates(strata, (weights) => {
    const sum = (holds: (outcome: LabelledOutcome) => boolean) =>
      rows.reduce((total, row, i) => total + (holds(row) ? (weights[i] as number) : 0), 0);
    const called = sum(({ named }) => named !== null);
    const labelled = sum(({ video }) => video.isDuplicate === true);
    const right = sum(({ named, video }) => named !== null && video.isDuplicate === true);
    const rightlyNamed = sum(({ named, video }) => named !== null && named === video.duplicateFor);
    return {
      precision: right / called,
      recall: right / labelled,
      f1: (2 * right) / (called + labelled),
      naming_precision: rightlyNamed / called,
      naming_recall: rightlyNamed / labelled,
      naming_f1: (2 * rightlyNamed) / (called + labelled),
    };
  });
}
