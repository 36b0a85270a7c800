// How much of a video was really seen, and when that is enough to say that it is nobody's copy.

import { z } from "zod";
import { timeRangeSchema } from "./match.ts";

/** The share of the video that must have been seen … */
export const LEAST_SEEN_SHARE = 0.98;
/** … and the longest stretch of it, seconds, that may be missing. */
export const LONGEST_GAP_S = 2;
export const MOST_GAPS_TOLD = 20;

/** Seconds, by the times of the coded pictures themselves; what the file says of its length counts for nothing. */
export const coverageSchema = z.object({
  duration_s: z.number().positive(),
  /**
   * Of them, those whose pictures were decoded without damage. Null when nothing was decoded, since the coded
   * pictures were known, and for references indexed before this was kept.
   */
  seen_s: z.number().min(0).nullable().default(null),
  /** What was not seen, the longest stretches first. */
  gaps: z.array(timeRangeSchema).max(MOST_GAPS_TOLD).default([]),
});
export type Coverage = z.infer<typeof coverageSchema>;

/** Whether enough was seen for a verdict of `unique`, or for a reference. What is not known is not enough. */
export function isFullySeen({ duration_s, seen_s, gaps }: Coverage): boolean {
  if (seen_s === null || seen_s < LEAST_SEEN_SHARE * duration_s) return false;
  return gaps.every(({ start_s, end_s }) => end_s - start_s <= LONGEST_GAP_S);
}

/** What a person is told of a video that was not fully seen. */
export function notFullySeenSentence({ duration_s, seen_s, gaps }: Coverage): string {
  if (seen_s === null) return "The pictures of the video were not looked at.";
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const longest = gaps[0];
  const gap = longest ? `, with a gap from ${seconds(longest.start_s)} to ${seconds(longest.end_s)}` : "";
  return `Only ${seconds(seen_s)} of the video's ${seconds(duration_s)} could be seen${gap}: the rest is damaged or cannot be decoded.`;
}
