// Parts of one video against its other parts: the same scene before the same camera, and no copy. A set holds few
// such pairs, though they are what deceives most; every video has some.

import type { FrameTrack } from "@twinframe/gpu-backend/index/frame-track";
import type { Stages } from "@twinframe/gpu-backend/pipeline/stages";
import type { ComparedPair } from "./every-look.ts";
import { EVALUATION_LIBRARY } from "./library.ts";
import type { VideoFile } from "./video-set.ts";

/** Seconds of a part, about those of the shortest videos that are checked. */
const PART_S = 3;
/** Parts of a video, spread over it; each is compared with every other. */
const MOST_PARTS = 4;
/** A part of fewer different frames than this, a still, is any moment of its scene. */
const LEAST_FRAMES = 4;

function partOf({ vectors, startS, endS, rate }: FrameTrack, fromS: number, dims: number): FrameTrack {
  const frames = [...startS.keys()].filter(
    (i) => (endS[i] as number) > fromS && (startS[i] as number) < fromS + PART_S,
  );
  const within = (times: Float32Array) =>
    Float32Array.from(frames, (i) => Math.min(PART_S, Math.max(0, (times[i] as number) - fromS)));
  return {
    vectors: Float32Array.from(frames.flatMap((i) => [...vectors.subarray(i * dims, (i + 1) * dims)])),
    startS: within(startS),
    endS: within(endS),
    rate,
    durationS: PART_S,
  };
}

export function partsOf(track: FrameTrack, dims: number): FrameTrack[] {
  const count = Math.min(MOST_PARTS, Math.floor(track.durationS / PART_S));
  const stepS = (track.durationS - PART_S) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => partOf(track, i * stepS, dims)).filter(
    ({ startS }) => startS.length >= LEAST_FRAMES,
  );
}

export async function otherMomentsOf(
  references: readonly VideoFile[],
  { index, aligner, embedder }: Pick<Stages, "index" | "aligner" | "embedder">,
): Promise<ComparedPair[]> {
  const { dims } = embedder.manifest.output;
  const pairs: ComparedPair[] = [];
  for (const { id } of references) {
    const track = (await index.descriptorsOf(EVALUATION_LIBRARY, [id])).get(id);
    const parts = track ? partsOf(track, dims) : [];
    for (const [i, part] of parts.entries()) {
      const others = parts.slice(i + 1);
      const found = await aligner.align(part, others);
      found.forEach((segments, k) => {
        pairs.push({ query: `${id} part ${i}`, reference: `${id} part ${i + 1 + k}`, segments });
      });
    }
  }
  return pairs;
}
