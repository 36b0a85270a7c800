// One video's way through the backend, in order: exact packets, pixels, descriptors, candidates, alignment,
// verdict; and into the index where that was asked.

import {
  type AnalysedVideo,
  type AnalysisResult,
  type AnalysisTask,
  isFullySeen,
} from "@twinframe/shared/contract";
import { excluding } from "../index/excluding.ts";
import { inspectVideo, type ProbedVideo } from "../media/index.ts";
import { evidenceOf } from "../verdict/evidence.ts";
import { exactMatch } from "../verdict/judge.ts";
import { type Ahead, startAhead } from "../work/ahead.ts";
import type { KeyedMutex } from "../work/keyed-mutex.ts";
import { alignCandidates, judgeCandidates } from "./compare.ts";
import { atMiddles, type DescribedVideo, describe } from "./describe.ts";
import { explainContent } from "./explain/content.ts";
import { explainSamePackets } from "./explain/exact.ts";
import { recordLooks } from "./explain/recorded-looks.ts";
import { type Findings, streamsOf, unionOf } from "./findings.ts";
import { entryOfTask } from "./finished-before.ts";
import { refuseNotFullySeen, refuseSeveralStreams } from "./indexable.ts";
import { writeIntoOne } from "./into-one-generation.ts";
import { joinWhenUnique } from "./join-when-unique.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import { deleteEverywhere, type NewReference, writeReference } from "./write-reference.ts";

/** A video on disk and what is to be found out about it. */
export interface VideoToAnalyse {
  /** The analysis' id; entries that it makes carry it, unless the task names another job. */
  jobId: string;
  /** `tenant/library`. */
  library: string;
  sha256: string;
  file: string;
  task: AnalysisTask;
}

type CheckTask = Extract<AnalysisTask, { kind: "check" }>;
type ReferenceTask = Extract<AnalysisTask, { kind: "reference" }>;

interface InspectedVideo {
  probed: ProbedVideo;
  others: ProbedVideo[];
  packetsSha256: string;
}

/** Problems: the media stages' ones about the file, `index_full`, `index_unavailable`, `backend_unavailable`. */
export async function analyse(
  video: VideoToAnalyse,
  stages: Stages,
  lock: KeyedMutex,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<AnalysisResult> {
  const { file, task } = video;
  const { probed, others, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(file, stages.limits, signal),
  );
  // Decoding does not wait for the packets' hash, which is known long before its end; when that hash is a
  // reference's, decoding stops.
  const sampled = task.kind === "reference" ? atMiddles(stages) : stages;
  await using describing = startAhead((stop) => describe(file, probed, sampled, clock, stop), signal);
  const inspected = { probed, others, packetsSha256: await packetsSha256 };
  const findings =
    task.kind === "reference"
      ? await index(video, task, inspected, describing, stages, clock, signal)
      : await check(video, task, inspected, describing, stages, lock, clock, signal);
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

async function index(
  video: VideoToAnalyse,
  task: ReferenceTask,
  inspected: InspectedVideo,
  describing: Ahead<DescribedVideo>,
  stages: Stages,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Findings> {
  const reference = newReference(video, inspected);
  // Into one generation alone goes what has been a reference before.
  if (task.generation === undefined) refuseSeveralStreams(inspected);
  let described: DescribedVideo | null;
  if (task.generation === undefined) {
    described = await describing.result;
    refuseNotFullySeen(described.coverage);
    await writeReference(reference, described, stages, clock, signal);
  } else described = await writeIntoOne(reference, () => describing.result, stages, clock);
  const indexedAs = described ? task.reference_id : null;
  const { sampledFrames: frames = 0, coverage = null } = described ?? {};
  return {
    foundBy: null,
    matches: [],
    indexedAs,
    frames,
    coverage,
    explanation: null,
    evidence: null,
  };
}

async function check(
  video: VideoToAnalyse,
  { index_as: indexAs, explain }: CheckTask,
  inspected: InspectedVideo,
  describing: Ahead<DescribedVideo>,
  stages: Stages,
  lock: KeyedMutex,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Findings> {
  const exact = await samePackets(video, inspected, stages, explain === true);
  if (exact) return exact;
  const described = await describing.result;
  const { library, jobId } = video;
  const lookUpOf = (what: DescribedVideo) => lookUp(library, what, stages, clock, explain === true, signal);
  // One after the other, so that no more than two videos' pictures are held.
  const beside: Findings[] = [];
  for (const other of inspected.others)
    beside.push(await lookUpOf(await describe(video.file, other, stages, clock, signal)));
  const lookUpAll = async () => unionOf([await lookUpOf(described), ...beside]);
  const mayJoin =
    streamsOf([inspected.probed, ...inspected.others]) === 1 &&
    [described, ...beside].every(({ coverage }) => coverage !== null && isFullySeen(coverage)) &&
    beside.every(({ matches }) => matches.length === 0);
  if (indexAs === null || !mayJoin) return lookUpAll();
  const others = { ...stages, index: excluding(stages.index, [indexAs]) };
  const { isShared } = stages.index;
  return lock.hold(library, () =>
    joinWhenUnique<Findings>({
      // The other check of the same pictures may have finished while this one was decoding.
      lookUp: async () => (await samePackets(video, inspected, stages, explain === true)) ?? lookUpAll(),
      isKnown: ({ matches }) => matches.length > 0,
      write: () => writeReference(newReference(video, inspected), described, stages, clock, signal),
      joined: (found) => ({ ...found, indexedAs: indexAs }),
      raced: isShared ? () => hasCopy(video, inspected, described, others, clock) : null,
      remove: () => deleteEverywhere({ library, id: indexAs, jobId }, stages),
      ...(signal ? { signal } : {}),
    }),
  );
}

async function lookUp(
  library: string,
  described: DescribedVideo,
  stages: Stages,
  clock: StageClock,
  explain: boolean,
  signal?: AbortSignal,
): Promise<Findings> {
  const { aligner, looks } = recordLooks(stages.aligner);
  const candidates = await alignCandidates(library, described, { ...stages, aligner }, clock);
  const matches = judgeCandidates(candidates, described.track, stages.policy);
  const explanation = explain
    ? await explainContent({ library, described, candidates, looks }, stages, signal)
    : null;
  return {
    foundBy: matches.length > 0 ? "content" : null,
    matches,
    indexedAs: null,
    explanation,
    frames: described.sampledFrames,
    coverage: described.coverage,
    evidence: evidenceOf(candidates, described.track),
  };
}

/** Whether the library has a copy, by the same packets or by whole frames: the quick look after the thorough one. */
async function hasCopy(
  { library }: VideoToAnalyse,
  { packetsSha256 }: InspectedVideo,
  { track }: DescribedVideo,
  stages: Stages,
  clock: StageClock,
): Promise<boolean> {
  if ((await stages.index.findByPackets(library, packetsSha256)).length > 0) return true;
  const candidates = await alignCandidates(library, { track, pictures: null }, stages, clock);
  return judgeCandidates(candidates, track, stages.policy).length > 0;
}

/** References with the very same coded pictures. */
async function samePackets(
  video: VideoToAnalyse,
  { probed, packetsSha256 }: InspectedVideo,
  stages: Stages,
  explain: boolean,
): Promise<Findings | null> {
  const records = await stages.index.findByPackets(video.library, packetsSha256);
  if (records.length === 0) return null;
  const matches = records.map((record) => exactMatch(record.id, probed, record));
  const explanation = explain ? explainSamePackets(matches, stages) : null;
  return {
    foundBy: "exact_packets",
    matches,
    indexedAs: null,
    explanation,
    evidence: null,
    frames: 0,
    coverage: null,
  };
}

/** Only of a task that names the reference which the video is to be. */
function newReference(
  { jobId: analysisId, library, sha256, file, task }: VideoToAnalyse,
  { probed, packetsSha256 }: InspectedVideo,
): NewReference {
  const { id, jobId } = entryOfTask(task, analysisId);
  return { record: { library, id: id as string, jobId, sha256, packetsSha256 }, file, probed };
}
