// What every look found in a set, once with bars trimmed and once, whole frames alone, as the files are.

import { randomUUID } from "node:crypto";
import { type AlignedSegment, WHOLE_VIEW } from "@twinframe/gpu-backend/align/align";
import type { Aligner } from "@twinframe/gpu-backend/align/aligner";
import { WHOLE_FRAME } from "@twinframe/gpu-backend/descriptor/view";
import type { FrameTrack } from "@twinframe/gpu-backend/index/frame-track";
import { WHOLE_BOX } from "@twinframe/gpu-backend/media";
import { candidatesIn } from "@twinframe/gpu-backend/pipeline/candidates";
import type { DescribedVideo } from "@twinframe/gpu-backend/pipeline/describe";
import { describeView } from "@twinframe/gpu-backend/pipeline/describe-view";
import { viewComparer } from "@twinframe/gpu-backend/pipeline/look-up";
import type { Stages } from "@twinframe/gpu-backend/pipeline/stages";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import pMap from "p-map";
import { addReferences, type ComparedPair, describeFile, everyLook, pairsOf } from "../every-look.ts";
import { openEvaluationLibrary } from "../library.ts";
import { mapWithProgress } from "../progress.ts";
import type { VideoFile, VideoSet } from "../video-set.ts";
import { type Background, levelsOf, readBackground } from "./background.ts";

export interface LookedSegment extends AlignedSegment {
  isTrimmed: boolean;
  /** How alike the query's frames of the segment are to pictures that they do not come from; 0 without any. */
  background: number;
}
export type LookedPair = ComparedPair<LookedSegment>;

const UNTRIMMED = "evaluation/untrimmed";

export async function lookedPairs(
  { references, queries }: Pick<VideoSet, "references" | "queries">,
  backgroundFile: string | null,
  atOnce: number,
): Promise<LookedPair[]> {
  const library = await openEvaluationLibrary();
  try {
    const { dims } = library.stages.embedder.manifest.output;
    const background = backgroundFile === null ? null : readBackground(backgroundFile, dims);
    const stages = { ...library.stages, aligner: marking(library.stages.aligner, background) };
    await addReferences(references, library, atOnce);
    await pMap(references, (video) => addUntrimmed(video, stages), { concurrency: atOnce });
    const pairs = await mapWithProgress("queries", queries, atOnce, async ({ id, file }) => {
      const described = await describeFile(file, stages);
      const trimmed = marked(pairsOf(id, await everyLook(described, stages)), true);
      const track = await untrimmed(described, stages);
      const { maxCandidates } = stages.search;
      const comparer = viewComparer(candidatesIn(UNTRIMMED, stages), stages, { clock: new StageClock() });
      const plain = await comparer.compare({ view: WHOLE_VIEW, track }, maxCandidates);
      return [...trimmed, ...marked(pairsOf(id, plain.candidates), false)];
    });
    return pairs.flat();
  } finally {
    await library.close();
  }
}

const untrimmed = ({ pictures }: DescribedVideo, { embedder }: Stages) =>
  describeView({ ...pictures, box: WHOLE_BOX }, WHOLE_FRAME, embedder);

async function addUntrimmed({ id, file }: VideoFile, stages: Stages): Promise<void> {
  const described = await describeFile(file, stages);
  const { durationS } = described.track;
  const none = { sha256: "0".repeat(64), packetsSha256: "0".repeat(64), width: 1, height: 1 };
  await stages.index.upsertReference({
    library: UNTRIMMED,
    id,
    jobId: randomUUID(),
    ...none,
    durationS,
    seenS: described.coverage.seen_s,
    sampledFrames: described.sampledFrames,
    availability: 0,
    track: await untrimmed(described, stages),
  });
}

/** An aligner whose segments also say how alike their frames are to the background. */
function marking(aligner: Aligner, background: Background | null): Aligner {
  return {
    ...aligner,
    align: async (query, references, view) => {
      const lists = await aligner.align(query, references, view);
      const levels = background && levelsOf(query.vectors, background);
      return lists.map((segments) =>
        segments.map((segment) => ({
          ...segment,
          background: levels ? meanLevel(query, segment, levels) : 0,
        })),
      );
    },
  };
}

function meanLevel(track: FrameTrack, { query }: AlignedSegment, levels: Float32Array): number {
  const within = levels.filter((_, i) => {
    const [startS = 0, endS = 0] = [track.startS[i], track.endS[i]];
    return endS > query.start_s && startS < query.end_s;
  });
  return within.length === 0 ? 0 : within.reduce((sum, level) => sum + level, 0) / within.length;
}

const marked = (pairs: ComparedPair[], isTrimmed: boolean): LookedPair[] =>
  pairs.map((pair) => ({
    ...pair,
    segments: pair.segments.map((segment) => ({ background: 0, ...segment, isTrimmed })),
  }));
