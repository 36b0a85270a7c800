// Why a check came out as it did, kept in the object store: it is too large for a row, and of no use for long.

import {
  type CheckReason,
  type Coverage,
  type Explanation,
  notFullySeenSentence,
} from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { findReferences } from "../references/index.ts";
import type { CheckJob } from "./check-job.ts";
import type { KnownVerdict } from "./exact-match/known-verdict.ts";
import type { CheckRow } from "./store/check-row.ts";

/** Outside of intake/, which is swept after a day; the sweeper drops these after a week. */
export const EXPLANATIONS_PREFIX = "explanations/";
/** With the time of the end, since a check may have two runners: its row names the one whose result holds. */
export const explanationKey = (checkId: string, completedAt: string) =>
  `${EXPLANATIONS_PREFIX}${checkId}/${completedAt}`;

/** Keeps it for those who ask later. A store that fails costs the explanation, not the verdict. */
export async function keepExplanation(
  { bindings }: RequestContext,
  { id }: CheckJob,
  completedAt: string,
  explanation: Explanation,
): Promise<void> {
  await bindings.OBJECTS.put(explanationKey(id, completedAt), JSON.stringify(explanation)).catch((error) =>
    logFailure("the explanation could not be kept", { check_id: id }, error),
  );
}

/** Undefined when the check was not asked to explain; null when its explanation is gone. */
export async function recallExplanation(
  objects: R2Bucket,
  row: CheckRow,
): Promise<Explanation | null | undefined> {
  const asked = (JSON.parse(row.request) as Partial<CheckJob["options"]>).explain;
  if (!asked || row.completed_at === null || row.status !== "completed") return undefined;
  const object = await objects.get(explanationKey(row.id, row.completed_at));
  return object === null ? null : object.json<Explanation>();
}

/** Without what no longer exists or is disabled, and without the reference that this very check made. */
export async function explanationOfLibrary(
  { bindings }: RequestContext,
  job: CheckJob,
  explanation: Explanation,
): Promise<Explanation> {
  const ids = explanation.candidates.map((candidate) => candidate.reference_id);
  const rows = await findReferences(bindings.DB, job.tenant, job.options.library, ids);
  const candidates = explanation.candidates.filter(({ reference_id }) => {
    const row = rows.get(reference_id);
    return row !== undefined && row.disabled_at === null && row.job_id !== job.id;
  });
  if (candidates.length > 0 || ids.length === 0) return { ...explanation, candidates };
  const reason =
    "What the query was compared with is no longer in the library, is disabled, or is the reference that this check made.";
  return { ...explanation, candidates, reason };
}

/** With what decided beside the candidates, if anything did. */
export function withReason(
  explanation: Explanation,
  decidedBy: CheckReason | null | undefined,
  coverage: Coverage,
): Explanation {
  if (decidedBy !== "not_fully_seen") return explanation;
  const reason = `${notFullySeenSentence(coverage)} Nothing was found in what was seen, which is not enough to call it unique.`;
  return { ...explanation, reason };
}

/** The exact bytes are a reference's: there was nothing to look at. */
export const sameBytesExplanation = ({ matches }: KnownVerdict): Explanation => ({
  looks: [],
  box: null,
  model: null,
  policy: null,
  candidates: matches.map(({ reference_id, verdict, score, visual }) => ({
    reference_id,
    verdict,
    rule: "same_bytes",
    best_score: score,
    reason: "Both files are the same, byte by byte, so no picture had to be compared.",
    segments: visual.segments.map((segment) => ({ ...segment, view: null, evidence: null })),
    matrix: null,
  })),
});
