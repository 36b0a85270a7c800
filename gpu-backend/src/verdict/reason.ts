// A judgement as a sentence, with the numbers that it rests on.

import type { JudgedVideo, Judgement } from "./judge.ts";
import type { Policy } from "./policy.ts";

const seconds = (value: number) => `${value.toFixed(1)} s`;
const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;
/** Three digits, but never so few that a score looks like the threshold that it misses. */
const scoreText = (value: number, threshold: number) =>
  Math.abs(value - threshold) < 0.001 ? value.toFixed(6) : value.toFixed(3);

export const SAME_PACKETS_REASON =
  "The coded pictures of both files are the same, byte by byte, so no picture had to be compared.";

export function reasonOf(
  { rule, bestScore, copiedS, referenceShare }: Omit<Judgement, "verdict" | "segments">,
  { durationS }: JudgedVideo,
  policy: Policy,
): string {
  const { review_score, copy_score, partial_copy_min_s } = policy;
  const { duplicate_query_coverage, duplicate_reference_coverage } = policy;
  const share = percent(copiedS / durationS);
  const covered = `Segments that score as a copy (${copy_score} or more) cover ${seconds(copiedS)} of the query's ${seconds(durationS)} (${share})`;
  const enough = percent(duplicate_query_coverage);
  const tooLittle =
    copiedS / durationS < duplicate_query_coverage
      ? `under the ${enough} of a duplicate`
      : `${percent(referenceShare)} of the reference, under the ${percent(duplicate_reference_coverage)} of a duplicate`;
  const best = (threshold: number) => `The best segment scores ${scoreText(bestScore, threshold)}`;
  switch (rule) {
    case "segments_cover_query":
      return `${covered}; from ${enough} on it is a duplicate.`;
    case "segments_long_enough":
      return `${covered}: a partial copy from ${partial_copy_min_s} s on, but ${tooLittle}.`;
    case "segments_too_short":
      return `${covered}: ${tooLittle} and the ${partial_copy_min_s} s of a partial copy.`;
    case "score_below_copy":
      return `${best(copy_score)}: enough to be reviewed (${review_score}), but below a copy's ${copy_score}.`;
    case "score_below_review":
      return `${best(review_score)}, below the ${review_score} from which a segment counts.`;
    case "no_segment":
      return "No stretch of the query runs alike with the reference for long enough to be a segment.";
    case "same_packets":
    case "same_bytes":
      return SAME_PACKETS_REASON;
  }
}
