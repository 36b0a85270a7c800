// A check's end: the verdict of what was found, written once.

import {
  type AnalysisResult,
  type Evidence,
  type Explanation,
  isFullySeen,
  type VersionedPolicy,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { dropObject } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { startDeliveries, tellCheckCompleted } from "../webhooks/index.ts";
import { type CheckJob, claimKey, rowOfJob } from "./check-job.ts";
import type { Claim } from "./claim.ts";
import { endedOutcome } from "./ended.ts";
import type { KnownVerdict } from "./exact-match/known-verdict.ts";
import { type CacheEpoch, rememberVerdict } from "./exact-match/verdict-cache.ts";
import { explanationOfLibrary, keepExplanation, sameBytesExplanation, withReason } from "./explanation.ts";
import { joinLibrary } from "./join-library.ts";
import { settleClaim } from "./settle-claim.ts";
import { keepEvidence, MAX_EVIDENCE_CHARS } from "./store/check-evidence.ts";
import type { StoredResult } from "./store/check-row.ts";
import { saveCompleted } from "./store/checks.ts";
import { type Told, verdictOf } from "./verdict.ts";
import { completedView } from "./view.ts";

export interface CompletedCheck {
  job: CheckJob;
  result: StoredResult;
  completedAt: string;
  /** Null unless it was asked for. */
  explanation: Explanation | null;
}

type Finding = Pick<StoredResult, "found_by" | "query" | "indexed_as" | "model"> & {
  stages: AnalysisResult["timings_ms"];
};

function resultOf(job: CheckJob, told: Told, finding: Finding): StoredResult {
  const { probe = 0, decode = 0, embed = 0, search = 0, align = 0 } = finding.stages;
  return {
    ...told,
    found_by: told.matches.length === 0 ? null : finding.found_by,
    query: finding.query,
    indexed_as: finding.indexed_as,
    timings_ms: {
      intake: job.received?.intakeMs ?? 0,
      probe,
      decode,
      embed,
      search,
      align,
      total: Date.now() - Date.parse(job.createdAt),
    },
    model: finding.model,
  };
}

function evidenceToKeep(db: D1Database, id: string, evidence: Evidence | null, completedAt: string) {
  const text = evidence === null ? "" : JSON.stringify(evidence);
  return text === "" || text.length > MAX_EVIDENCE_CHARS ? [] : [keepEvidence(db, id, text, completedAt)];
}

/** Writes the result unless another runner of the same check was first; then that one's result holds. */
async function save(
  context: RequestContext,
  job: CheckJob,
  result: StoredResult,
  explanation: Explanation | null,
  also: D1PreparedStatement[],
  evidence: Evidence | null = null,
): Promise<CompletedCheck> {
  const db = context.bindings.DB;
  const completedAt = new Date().toISOString();
  addFacts({
    check_id: job.id,
    verdict: result.verdict,
    found_by: result.found_by,
    matches: result.matches.length,
    bytes: job.received?.bytes,
    timings_ms: result.timings_ms,
  });
  // Before the row says that the check is completed, so that nobody misses it.
  if (explanation !== null) await keepExplanation(context, job, completedAt, explanation);
  const view = completedView({ job, result, completedAt, explanation: null });
  const told = await tellCheckCompleted(context, job.tenant, view, completedAt);
  const results = await db.batch([
    saveCompleted(db, rowOfJob(job), result, completedAt),
    ...evidenceToKeep(db, job.id, evidence, completedAt),
    ...also,
    told,
  ]);
  const [saved] = results;
  startDeliveries(context, results);
  dropObject(context, job.received?.objectKey);
  if (saved!.meta.changes > 0) return { job, result, completedAt, explanation };
  const ended = await endedOutcome(context, job);
  if (ended === null) throw new Error(`check ${job.id} could not be completed`);
  return ended;
}

export async function completeKnown(
  context: RequestContext,
  job: CheckJob,
  known: KnownVerdict,
  policy: VersionedPolicy,
): Promise<CompletedCheck> {
  const { foundBy, matches, durationS, seenS, frames, model } = known;
  const query = { sha256: job.received!.sha256, duration_s: durationS, seen_s: seenS, frames };
  const finding = { found_by: foundBy, query, indexed_as: null, model, stages: {} };
  const told = verdictOf({ matches, coverage: null, streams: 1, indexedAs: null, mayIndex: false }, policy);
  const explanation = job.options.explain ? sameBytesExplanation(known) : null;
  return save(context, job, resultOf(job, told, finding), explanation, []);
}

export async function completeAnalysed(
  context: RequestContext,
  job: CheckJob,
  analysis: AnalysisResult,
  claim: Exclude<Claim, { kind: "look_again" }>,
  policy: VersionedPolicy,
  /** Null: the verdict is not to be remembered. */
  epoch: CacheEpoch | null,
): Promise<CompletedCheck> {
  const { tenant, options } = job;
  const { library } = options;
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
  const mayIndex = options.index !== "never";
  const told = verdictOf({ matches, coverage: analysis.video, streams, indexedAs, mayIndex }, policy);
  const result = resultOf(job, told, finding);
  if (result.verdict === "unique" && claim.kind === "none" && claim.idTaken) {
    const { id } = claimKey(job);
    throw new ProblemError(
      "reference_id_conflict",
      `The video is unique, but "${id}" names another video of the library. Choose another id.`,
      { referenceId: id },
    );
  }
  const explanation = analysis.explanation
    ? withReason(await explanationOfLibrary(context, job, analysis.explanation), told.reason, analysis.video)
    : null;
  const settlement = await settleClaim(context, job, claim, result.indexed_as, analysis);
  // Also when the check was cancelled meanwhile: then what the backend has just indexed must go.
  const completed = await save(context, job, result, explanation, settlement.statements, evidence).finally(
    settlement.afterwards,
  );
  // Of what was seen in part, the rest may be a copy as well; and what is no duplicate may become one by a reference
  // that is added later.
  const isSettled = analysis.found_by === "exact_packets" || isFullySeen(analysis.video);
  if (isSettled && result.verdict === "duplicate" && result.found_by !== null && epoch !== null) {
    const cached = {
      found_by: result.found_by,
      matches: result.matches.map(({ metadata: _, ...found }) => found),
      duration_s,
      seen_s,
      frames,
      model: analysis.model,
    };
    context.defer(rememberVerdict(context, { tenant, library, epoch, sha256 }, cached));
  }
  return completed;
}
