// A check's end: the verdict of what was found, written once.

import { type AnalysisResult, isFullySeen, type VersionedPolicy } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { claimKey, type JudgedJob, type ReceivedJob } from "./check-job.ts";
import type { Claim } from "./claim.ts";
import type { CompletedCheck } from "./completed-check.ts";
import type { KnownVerdict } from "./exact-match/known-verdict.ts";
import type { LookUp } from "./exact-match/look-up.ts";
import { rememberVerdict } from "./exact-match/verdict-cache.ts";
import { explanationOfLibrary, sameBytesExplanation, withReason } from "./explanation.ts";
import { joinLibrary } from "./join-library.ts";
import { saveEnding } from "./save-ending.ts";
import { settleClaim } from "./settle-claim.ts";
import type { StoredResult } from "./store/check-row.ts";
import { resultOf } from "./stored-result.ts";
import { verdictOf } from "./verdict.ts";

export async function completeKnown(
  context: RequestContext,
  job: ReceivedJob,
  known: KnownVerdict,
  policy: VersionedPolicy,
): Promise<CompletedCheck> {
  const { foundBy, matches, durationS, seenS, frames, model } = known;
  const query = { sha256: job.received.sha256, duration_s: durationS, seen_s: seenS, frames };
  const finding = { found_by: foundBy, query, indexed_as: null, model, stages: {} };
  const told = verdictOf({ matches, coverage: null, streams: 1, indexedAs: null, mayIndex: false }, policy);
  const explanation = job.options.explain ? sameBytesExplanation(known) : null;
  return saveEnding(context, job, { result: resultOf(job, told, finding), explanation });
}

export interface AnalysedCheck {
  analysis: AnalysisResult;
  claim: Exclude<Claim, { kind: "look_again" }>;
  /** The latest one: what the verdict is remembered under. */
  look: LookUp;
}

export async function completeAnalysed(
  context: RequestContext,
  job: JudgedJob,
  { analysis, claim, look }: AnalysedCheck,
): Promise<CompletedCheck> {
  const { matches, ownReferenceId, evidence } = await joinLibrary(context, job, analysis);
  const { sha256, duration_s, seen_s, gaps, frames, streams } = analysis.video;
  const indexedAs = analysis.indexed_as ?? ownReferenceId;
  const finding = {
    found_by: analysis.found_by,
    query: { sha256, duration_s, seen_s, gaps, frames },
    indexed_as: indexedAs,
    model: analysis.model,
    stages: analysis.timings_ms,
  };
  const mayIndex = job.options.index !== "never";
  const told = verdictOf({ matches, coverage: analysis.video, streams, indexedAs, mayIndex }, job.policy);
  const result = resultOf(job, told, finding);
  if (result.verdict === "unique" && claim.kind === "none" && claim.idTaken) throw idTaken(claimKey(job).id);
  const explanation = analysis.explanation
    ? withReason(await explanationOfLibrary(context, job, analysis.explanation), told.reason, analysis.video)
    : null;
  const settlement = await settleClaim(context, job, claim, result.indexed_as, analysis);
  const ending = { result, explanation, also: settlement.statements, evidence };
  // Also when the check was cancelled meanwhile: then what the backend has just indexed must go.
  const completed = await saveEnding(context, job, ending).finally(settlement.afterwards);
  rememberDuplicate(context, job, { analysis, look }, result);
  return completed;
}

const idTaken = (id: string) =>
  new ProblemError(
    "reference_id_conflict",
    `The video is unique, but "${id}" names another video of the library. Choose another id.`,
    { referenceId: id },
  );

/** For those who send the same bytes within a day, unless the policy has changed since the check began. */
function rememberDuplicate(
  context: RequestContext,
  { tenant, options, policy }: JudgedJob,
  { analysis, look }: Pick<AnalysedCheck, "analysis" | "look">,
  result: StoredResult,
): void {
  const { video, found_by, model } = analysis;
  // Of what was seen in part, the rest may be a copy as well; and what is no duplicate may become one by a reference
  // that is added later.
  const isSettled = found_by === "exact_packets" || isFullySeen(video);
  if (!isSettled || result.verdict !== "duplicate" || result.found_by === null) return;
  if (JSON.stringify(policy) !== JSON.stringify(look.policy)) return;
  const { sha256, duration_s, seen_s, frames } = video;
  const matches = result.matches.map(({ metadata: _, ...found }) => found);
  const key = { tenant, library: options.library, epoch: look.epoch, sha256 };
  const cached = { found_by: result.found_by, matches, duration_s, seen_s, frames, model };
  context.defer(rememberVerdict(context, key, cached));
}
