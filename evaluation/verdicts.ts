import { DEFAULT_POLICY } from "@twinframe/gpu-backend/verdict/policy";
import type { FoundMatch, Verdict } from "@twinframe/shared/contract";

/** Whether a verdict says that the reference was copied, as a whole or in part. */
export const isCopy = (verdict: Verdict) => verdict === "duplicate" || verdict === "partial_copy";

/** The verdict at the shipped policy of a match that was found with the review threshold lifted. */
export function shippedVerdict({ verdict, score }: FoundMatch): Verdict {
  return verdict === "review" && score < DEFAULT_POLICY.review_score ? "unique" : verdict;
}
