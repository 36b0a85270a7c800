// npm run bench:distractors -- --set DIR --background FILE.i8 [--every N]: whether a copy's reference is still among the
// nearest frames, and among the candidates, when a library holds a million frames of distractors. The copies and their
// references are real, the distractors are made from the descriptors of real pictures that are in neither
// (training/export/background.py writes such a file).

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EVALUATION_LIBRARY, openEvaluationLibrary } from "@twinframe/evaluation/library";
import { mapWithProgress } from "@twinframe/evaluation/progress";
import { userPath } from "@twinframe/evaluation/user-path";
import { readLabelledSet } from "@twinframe/evaluation/video-set";
import type { FrameTrack } from "@twinframe/gpu-backend/index/frame-track";
import { vectorsOf } from "@twinframe/gpu-backend/index/packed/descriptor-codes";
import { probeVideo } from "@twinframe/gpu-backend/media";
import { rankCandidates } from "@twinframe/gpu-backend/pipeline/candidates";
import { describe } from "@twinframe/gpu-backend/pipeline/describe";
import { entryOf, trackOf } from "@twinframe/gpu-backend/testing/tracks";
import { StageClock } from "@twinframe/gpu-backend/work/stage-clock";
import { rankAboveTheCrowd } from "./distractors/crowded-floor.ts";
import { moreLikeThese } from "./distractors/more-like-these.ts";
import { quantile } from "./statistics.ts";

const FRAMES_A_DISTRACTOR = 130;
const SIZES = [0, 100_000, 1_000_000];

const { values } = parseArgs({
  options: {
    set: { type: "string" },
    background: { type: "string" },
    every: { type: "string", default: "4" },
  },
});
if (!values.set || !values.background) throw new Error("give --set DIR and --background FILE.i8");
const set = readLabelledSet(userPath(values.set), Number(values.every));
const { stages, add, close } = await openEvaluationLibrary();
try {
  const { index, search, embedder } = stages;
  const floor = embedder.manifest.calibration.frame_similarity_floor;
  const { dims } = index;
  let seconds = 0;
  await mapWithProgress("references", set.references, 2, async ({ id, file }) => {
    const { video } = await add(id, file);
    seconds += video.duration_s;
  });
  const stored = await index.stats();
  console.log(
    `${set.references.length} references: ${((60 * stored.frames) / seconds).toFixed(0)} frames kept a minute of video`,
  );
  const copies: { track: FrameTrack; of: Set<string> }[] = [];
  await mapWithProgress("queries", set.queries, 2, async ({ id, file }) => {
    const of = new Set(set.labels.truth.get(id)?.keys());
    if (of.size === 0) return;
    const probed = await probeVideo(file, stages.limits);
    const { track } = await describe({ file, probed }, stages, { clock: new StageClock() });
    copies.push({ track, of });
  });
  const codes = readFileSync(userPath(values.background));
  const real = vectorsOf(new Int8Array(codes.buffer, codes.byteOffset, codes.byteLength), dims);
  const make = moreLikeThese(real, dims);
  printSpread("real pictures", real, dims);
  printSpread("made of them", make(0, real.length / dims), dims);
  let frames = 0;
  for (const size of SIZES) {
    for (; frames < size; frames += FRAMES_A_DISTRACTOR) {
      const track = trackOf(make(frames + 1, FRAMES_A_DISTRACTOR), dims);
      await index.upsertReference(entryOf(`distractor-${frames}`, track, { library: EVALUATION_LIBRARY }));
    }
    let near = 0;
    let copied = 0;
    const places: number[] = [];
    const placesAbove: number[] = [];
    for (const { track, of } of copies) {
      const hits = await index.searchBatch(EVALUATION_LIBRARY, track.vectors, search.framesPerQuery);
      const own = hits.referenceIds.map((id) => of.has(id));
      for (let frame = 0; frame < track.startS.length; frame++) {
        copied++;
        for (let at = frame * hits.perQuery; at < (frame + 1) * hits.perQuery; at++)
          if ((hits.reference[at] as number) >= 0 && own[hits.reference[at] as number]) {
            if ((hits.similarity[at] as number) >= floor) near++;
            break;
          }
      }
      places.push(placeIn(rankCandidates(hits, track, floor, Number.POSITIVE_INFINITY), of));
      placesAbove.push(placeIn(rankAboveTheCrowd(hits, track, floor), of));
    }
    const within = (found: number[]) =>
      [search.maxCandidates, 50, 100].map(
        (limit) => `${found.filter((place) => place < limit).length} (${limit})`,
      );
    console.log(
      `${String(size).padStart(9)} frames of distractors: the right reference, above the floor, among the nearest ${search.framesPerQuery} of ${((100 * near) / copied).toFixed(1)} % of the copies' frames; of ${copies.length} copies, it is among so many candidates of ${within(places).join(", ")}; ranked above the crowd ${within(placesAbove).join(", ")}`,
    );
  }
} finally {
  await close();
}

function placeIn(ranked: string[], of: ReadonlySet<string>): number {
  const place = ranked.findIndex((id) => of.has(id));
  return place < 0 ? Number.POSITIVE_INFINITY : place;
}

/** How like two of them are: the tail is what crowds a copy's reference out. */
function printSpread(name: string, vectors: Float32Array, dims: number): void {
  const products: number[] = [];
  const rows = Math.min(1_000, vectors.length / dims);
  for (let a = 0; a < rows; a++)
    for (let b = 0; b < a; b++) {
      let product = 0;
      for (let i = 0; i < dims; i++)
        product += (vectors[a * dims + i] as number) * (vectors[b * dims + i] as number);
      products.push(product);
    }
  const at = [0.5, 0.99, 0.999, 0.9999].map((share) => quantile(products, share).toFixed(2));
  console.log(
    `similarity of two ${name}: median ${at[0]}, 99 % below ${at[1]}, 99.9 % ${at[2]}, 99.99 % ${at[3]}`,
  );
}
