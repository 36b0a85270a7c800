// One video's way through the backend, in order: exact packets, pixels, descriptors, candidates, alignment, verdict;
// and into the index where that was asked.

import {
  type AnalysedVideo,
  type AnalysisResult,
  type AnalysisTask,
  isFullySeen,
} from "@twinframe/shared/contract";
import { excluding } from "../index/excluding.ts";
import type { IndexReader } from "../index/vector-index.ts";
import { inspectVideo } from "../media/index.ts";
import { evidenceOf } from "../verdict/evidence.ts";
import { matchesOf } from "../verdict/match.ts";
import type { KeyedMutex } from "../work/keyed-mutex.ts";
import { startSpeculative } from "../work/speculative.ts";
import type { WorkContext } from "../work/work-context.ts";
import { addWhenUnique } from "./add-when-unique.ts";
import type { Analysis, InspectedVideo, VideoToAnalyse } from "./analysis.ts";
import { candidatesIn } from "./candidates.ts";
import { type DescribedVideo, describe, sampledAtMiddles } from "./describe.ts";
import { findSamePackets } from "./exact-packets.ts";
import { explainContent } from "./explain/explain-content.ts";
import { type Findings, streamsOf, unionOf } from "./findings.ts";
import { indexReference, newReferenceOf } from "./index-reference.ts";
import { type LookUpStages, lookUp } from "./look-up.ts";
import type { SearchStage, Stages } from "./stages.ts";
import { deleteEverywhere, writeReference } from "./write-reference.ts";

type CheckTask = Extract<AnalysisTask, { kind: "check" }>;

export interface AnalysisContext extends WorkContext {
  /** By library: no other check may write between a check's search and its write. */
  libraryMutex: KeyedMutex;
}

/** Problems: the media stages' ones about the file, `index_full`, `index_unavailable`, `backend_unavailable`. */
export async function analyse(
  video: VideoToAnalyse,
  stages: Stages,
  context: AnalysisContext,
): Promise<AnalysisResult> {
  const { file, task } = video;
  const { clock, signal } = context;
  const { probed, others, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(file, stages.limits, signal),
  );
  // Decoding does not wait for the packets' hash, which is known long before its end; when that hash is a
  // reference's, decoding stops.
  const sampled = task.kind === "reference" ? sampledAtMiddles(stages) : stages;
  await using describing = startSpeculative(
    (stop) => describe({ file, probed }, sampled, { clock, signal: stop }),
    signal,
  );
  const inspected = { probed, others, packetsSha256: await packetsSha256 };
  const analysis = { video, inspected, describing };
  const findings =
    task.kind === "reference"
      ? await indexReference(analysis, task, stages, context)
      : await check(analysis, task, stages, context);
  const { id, version } = stages.embedder.manifest;
  return {
    video: analysedVideo(video.sha256, inspected, findings),
    model: { id, version },
    found_by: findings.foundBy,
    matches: findings.matches,
    indexed_as: findings.indexedAs,
    timings_ms: clock.timingsMs,
    ...(findings.explanation ? { explanation: findings.explanation } : {}),
    ...(findings.evidence ? { evidence: findings.evidence } : {}),
  };
}

function analysedVideo(
  sha256: string,
  { probed, others, packetsSha256 }: InspectedVideo,
  { coverage, frames }: Findings,
): AnalysedVideo {
  return {
    sha256,
    packets_sha256: packetsSha256,
    ...(coverage ?? { duration_s: Number(probed.durationS.toFixed(3)), seen_s: null, gaps: [] }),
    streams: streamsOf([probed, ...others]),
    frames,
    width: probed.width,
    height: probed.height,
  };
}

async function check(
  { video, inspected, describing }: Analysis,
  task: CheckTask,
  stages: Stages,
  context: AnalysisContext,
): Promise<Findings> {
  const { file, library, jobId } = video;
  const { index_as: indexAs } = task;
  const explain = task.explain === true;
  const samePackets = () => findSamePackets({ library, inspected, explain }, stages);
  const exact = await samePackets();
  if (exact) return exact;
  const described = await describing.result;
  const query = { library, explain };
  // One after the other, so that no more than two videos' pictures are held.
  const others: Findings[] = [];
  for (const probed of inspected.others)
    others.push(
      await compareContent(await describe({ file, probed }, stages, context), query, stages, context),
    );
  const compareAll = async () =>
    unionOf([await compareContent(described, query, stages, context), ...others]);
  const mayBeAdded =
    streamsOf([inspected.probed, ...inspected.others]) === 1 &&
    [described, ...others].every(({ coverage }) => coverage !== null && isFullySeen(coverage)) &&
    others.every(({ matches }) => matches.length === 0);
  if (indexAs === null || !mayBeAdded) return compareAll();
  const withoutOwn = { ...stages, index: excluding(stages.index, [indexAs]) };
  const { packetsSha256 } = inspected;
  return context.libraryMutex.runExclusive(library, () =>
    addWhenUnique<Findings>({
      // The other check of the same pictures may have finished while this one was decoding.
      lookUp: async () => (await samePackets()) ?? (await compareAll()),
      isKnown: ({ matches }) => matches.length > 0,
      write: () => writeReference(newReferenceOf(video, inspected), described, stages, context),
      added: (found) => ({ ...found, indexedAs: indexAs }),
      hasCopy: stages.index.isShared
        ? () => hasCopy({ library, packetsSha256, described }, withoutOwn, context)
        : null,
      remove: () => deleteEverywhere({ library, id: indexAs, jobId }, stages),
      signal: context.signal,
    }),
  );
}

/** Retrieval, alignment and verdict of one way in which the file is shown. */
async function compareContent(
  described: DescribedVideo,
  { library, explain }: { library: string; explain: boolean },
  stages: Stages,
  context: WorkContext,
): Promise<Findings> {
  const { track, sampledFrames, coverage } = described;
  const comparison = await lookUp(described, candidatesIn(library, stages), stages, context);
  const matches = matchesOf(comparison.candidates, track, stages.policy);
  return {
    foundBy: matches.length > 0 ? "content" : null,
    matches,
    indexedAs: null,
    explanation: explain
      ? await explainContent({ library, described, comparison }, stages, context.signal)
      : null,
    frames: sampledFrames,
    coverage,
    evidence: evidenceOf(comparison.candidates, track),
  };
}

/** Whether the library has a copy, by the same packets or by whole frames: after the thorough comparison. */
async function hasCopy(
  query: { library: string; packetsSha256: string; described: DescribedVideo },
  stages: LookUpStages & SearchStage & { index: IndexReader },
  context: WorkContext,
): Promise<boolean> {
  const { library, packetsSha256, described } = query;
  const { track } = described;
  if ((await stages.index.findByPackets(library, packetsSha256)).length > 0) return true;
  const { candidates } = await lookUp(
    { track, pictures: null },
    candidatesIn(library, stages),
    stages,
    context,
  );
  return matchesOf(candidates, track, stages.policy).length > 0;
}
