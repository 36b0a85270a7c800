// One video's way through the backend, in order: exact packets, pixels, descriptors, candidates, alignment,
// verdict; and into the index where that was asked.

import type {
  AnalysedVideo,
  AnalysisResult,
  AnalysisTask,
  Evidence,
  Explanation,
  FoundBy,
  FoundMatch,
} from "@twinframe/shared/contract";
import { explainContent } from "../explain/content.ts";
import { explainSamePackets } from "../explain/exact.ts";
import { recordLooks } from "../explain/recorded-looks.ts";
import { inspectVideo, type ProbedVideo } from "../media/index.ts";
import { evidenceOf } from "../verdict/evidence.ts";
import { exactMatch } from "../verdict/judge.ts";
import { type Ahead, startAhead } from "./ahead.ts";
import { alignCandidates, judgeCandidates } from "./compare.ts";
import { type DescribedVideo, describe } from "./describe.ts";
import { entryOfTask } from "./finished-before.ts";
import { writeIntoOne } from "./into-one-generation.ts";
import type { LibraryLock } from "./library-lock.ts";
import type { StageClock } from "./progress.ts";
import type { Stages } from "./stages.ts";
import { type NewReference, writeReference } from "./write-reference.ts";

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
  packetsSha256: string;
}

interface Findings {
  foundBy: FoundBy | null;
  matches: FoundMatch[];
  indexedAs: string | null;
  described: DescribedVideo | null;
  /** Null unless it was asked for. */
  explanation: Explanation | null;
  /** Of a look-up by content. */
  evidence: Evidence | null;
}

/** Problems: the media stages' ones about the file, `index_full`, `index_unavailable`, `backend_unavailable`. */
export async function analyse(
  video: VideoToAnalyse,
  stages: Stages,
  lock: LibraryLock,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<AnalysisResult> {
  const { file, task } = video;
  const { probed, packetsSha256 } = await clock.time("probe", () =>
    inspectVideo(file, stages.limits, signal),
  );
  // Decoding does not wait for the packets' hash, which is known long before its end; when that hash is a
  // reference's, decoding stops.
  await using describing = startAhead((stop) => describe(file, probed, stages, clock, stop), signal);
  const inspected = { probed, packetsSha256: await packetsSha256 };
  const findings =
    task.kind === "reference"
      ? await index(video, task, inspected, describing, stages, clock, signal)
      : await check(video, task, inspected, describing, stages, lock, clock, signal);
  const { id, version } = stages.embedder.manifest;
  return {
    video: analysedVideo(video.sha256, inspected, findings.described),
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
  { probed, packetsSha256 }: InspectedVideo,
  described: DescribedVideo | null,
): AnalysedVideo {
  return {
    sha256,
    packets_sha256: packetsSha256,
    duration_s: Number(probed.durationS.toFixed(3)),
    frames: described?.sampledFrames ?? 0,
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
  let described: DescribedVideo | null;
  if (task.generation === undefined) {
    described = await describing.result;
    await writeReference(reference, described, stages, clock, signal);
  } else described = await writeIntoOne(reference, () => describing.result, stages, clock);
  const indexedAs = described ? task.reference_id : null;
  return { foundBy: null, matches: [], indexedAs, described, explanation: null, evidence: null };
}

async function check(
  video: VideoToAnalyse,
  { index_as: indexAs, explain }: CheckTask,
  inspected: InspectedVideo,
  describing: Ahead<DescribedVideo>,
  stages: Stages,
  lock: LibraryLock,
  clock: StageClock,
  signal?: AbortSignal,
): Promise<Findings> {
  const exact = await samePackets(video, inspected, stages, explain === true);
  if (exact) return exact;
  const described = await describing.result;
  const lookUp = async (): Promise<Findings> => {
    const { library } = video;
    const { aligner, looks } = recordLooks(stages.aligner);
    const candidates = await alignCandidates(library, described, { ...stages, aligner }, clock);
    const matches = judgeCandidates(candidates, described.track, stages.policy);
    const explanation = explain
      ? await explainContent({ library, described, candidates, looks }, stages, signal)
      : null;
    return {
      foundBy: matches.length > 0 ? "content" : null,
      ...{ matches, indexedAs: null, described, explanation },
      evidence: evidenceOf(candidates, described.track),
    };
  };
  if (indexAs === null) return lookUp();
  return lock.hold(video.library, async () => {
    // The other check of the same pictures may have finished while this one was decoding.
    const madeMeanwhile = await samePackets(video, inspected, stages, explain === true);
    if (madeMeanwhile) return madeMeanwhile;
    const found = await lookUp();
    if (found.matches.length > 0) return found;
    await writeReference(newReference(video, inspected), described, stages, clock, signal);
    return { ...found, indexedAs: indexAs };
  });
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
  return { foundBy: "exact_packets", matches, indexedAs: null, described: null, explanation, evidence: null };
}

/** Only of a task that names the reference which the video is to be. */
function newReference(
  { jobId: analysisId, library, sha256, file, task }: VideoToAnalyse,
  { probed, packetsSha256 }: InspectedVideo,
): NewReference {
  const { id, jobId } = entryOfTask(task, analysisId);
  return { record: { library, id: id as string, jobId, sha256, packetsSha256 }, file, probed };
}
