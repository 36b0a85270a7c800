/** In the order in which they are shown. */
export const FIGURES = {
  micro_ap: "micro-AP",
  micro_ap_without_same_scene: "micro-AP without same-scene references",
  recall_at_p90: "recall at precision .9",
  best_f1: "best F1 over all thresholds",
  precision: "verdict precision",
  recall: "verdict recall",
  f1: "verdict F1",
  false_positives: "negatives called copies",
  false_positives_unrelated: "… of the unrelated",
  false_positives_same_scene: "… of the same scene",
  same_scene_pairs_called: "same-scene pairs called copies",
  negatives_to_review: "negatives left to review",
  copies_to_review: "copies left to review",
  segment_precision: "segment precision (VCSL)",
  segment_recall: "segment recall",
  segment_f1: "segment F1",
} as const;
export type FigureName = keyof typeof FIGURES;
