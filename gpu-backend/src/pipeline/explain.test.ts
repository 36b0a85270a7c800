// Real small clips through the pipeline, asked why.

import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AnalysisResult,
  type AnalysisTask,
  EXPLAINED_SEGMENTS,
  type ExplainedCandidate,
  type Explanation,
  explanationSchema,
  MATRIX_MAX_BYTES,
  MATRIX_MAX_SIDE,
} from "@twinframe/shared/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clip, madeBy, remuxed } from "../../test/clips.ts";
import { composeStages } from "../compose.ts";
import { readConfig } from "../config.ts";
import type { Embedder } from "../descriptor/embedder.ts";
import { WHOLE_FRAME } from "../descriptor/view.ts";
import { sha256Of } from "../testing-tracks.ts";
import { DEFAULT_POLICY } from "../verdict/policy.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { StageClock } from "../work/stage-clock.ts";
import { analyse } from "./analyse.ts";
import { sampledAtMiddles } from "./describe.ts";
import type { Stages } from "./stages.ts";

const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const libraryMutex = new KeyedMutex();
let folder: string;
let composed: { stages: Stages; close(): Promise<void> };
let original: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-explain-"));
  composed = await composeStages(
    readConfig({ TWINFRAME_SIGNING_SECRET: "s".repeat(16), TWINFRAME_BACKEND_STATE: folder }),
  );
  original = await clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8 });
  const other = await clip({ picture: "testsrc2", durationS: 4 });
  await run(original, { kind: "reference", reference_id: "original" });
  await run(other, { kind: "reference", reference_id: "other" });
});
afterAll(async () => {
  await composed.close();
  await rm(folder, { recursive: true });
});

const run = (
  file: string,
  task: AnalysisTask,
  { library = "t/l", ...stages }: Partial<Stages> & { library?: string } = {},
): Promise<AnalysisResult> =>
  analyse(
    { jobId: "job", library, sha256: sha256Of(file), file, task },
    { ...composed.stages, ...stages },
    { clock: new StageClock(), libraryMutex },
  );
const WHY = { kind: "check", index_as: null, explain: true } as const;

/** The explanation as the contract has it, with nothing that the contract does not name. */
function explained({ explanation }: AnalysisResult): Explanation {
  expect(explanationSchema.parse(explanation)).toEqual(explanation);
  return explanation as Explanation;
}
/** The matrix' pixels, as an independent decoder reads them. */
function pixelsOf({ matrix }: ExplainedCandidate) {
  const png = Buffer.from(matrix?.png_base64 ?? "", "base64");
  expect(png.length).toBeLessThanOrEqual(MATRIX_MAX_BYTES);
  const args = ["-v", "error", "-f", "png_pipe", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  const { stdout, stderr } = spawnSync("ffmpeg", args, { input: png });
  expect(stderr.toString()).toBe("");
  const { width = 0, height = 0 } = matrix ?? {};
  expect(Math.max(width, height)).toBeLessThanOrEqual(MATRIX_MAX_SIDE);
  expect(stdout.length).toBe(3 * width * height);
  return {
    width,
    height,
    at: (x: number, y: number) => [...stdout.subarray(3 * (y * width + x)).subarray(0, 3)],
  };
}
/** The service's own embedder, taught views by moving pixels where its model takes none. */
function seeingEmbedder({ embedder }: Stages): Embedder {
  if (embedder.supportsViews) return embedder;
  const embed: Embedder["embed"] = (frames, count, { view = WHOLE_FRAME, ...size } = {}) => {
    const { width = embedder.manifest.input.width, height = embedder.manifest.input.height } = size;
    const [a, b, c, d, e, f] = view;
    const seen = new Uint8Array(frames.length);
    const nearest = (share: number, side: number) =>
      Math.max(0, Math.min(side - 1, Math.floor(((share + 1) / 2) * side)));
    for (let frame = 0; frame < count; frame++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [u, w] = [(2 * (x + 0.5)) / width - 1, (2 * (y + 0.5)) / height - 1];
          const [fromX, fromY] = [nearest(a * u + b * w + c, width), nearest(d * u + e * w + f, height)];
          const at = (column: number, row: number) => 3 * ((frame * height + row) * width + column);
          seen.set(frames.subarray(at(fromX, fromY), at(fromX, fromY) + 3), at(x, y));
        }
    return embedder.embed(seen, count, size);
  };
  return { ...embedder, supportsViews: true, embed };
}
const isRed = ([r = 0, g = 0, b = 0]: number[]) => r > 200 && g < 100 && b < 100;

it("explains a copy: the rule that made it a duplicate, its segment and its line in the matrix", async () => {
  const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "32"]);
  const result = await run(copy, WHY);
  const { looks, box, model, policy, candidates, reason } = explained(result);
  expect(looks).toMatchObject([{ view: "whole", frames: 16 }]);
  expect(box).toEqual({ left: 0, top: 0, right: 1, bottom: 1 });
  expect(model).toMatchObject(result.model);
  expect(policy).toEqual(DEFAULT_POLICY);
  expect(reason).toBeUndefined();
  const [best] = candidates as [ExplainedCandidate];
  const [match] = result.matches;
  expect(best).toMatchObject({
    reference_id: "original",
    verdict: "duplicate",
    rule: "segments_cover_query",
  });
  expect(best.reason).toMatch(/cover 8\.0 s of the query's 8\.0 s \(100 %\)/);
  expect(best.best_score).toBe(match?.score);
  expect(best.segments).toMatchObject([
    { ...match?.visual.segments[0], view: "whole", evidence: { frames: 16, similarity: expect.any(Number) } },
  ]);
  expect(best.matrix).toMatchObject({ query_s: 8, reference_s: 8, view: "whole" });
  const { width, height, at } = pixelsOf(best);
  expect([width, height]).toEqual([256, 256]);
  for (const place of [10, 128, 250]) expect(isRed(at(place, place))).toBe(true);
  expect(isRed(at(200, 50))).toBe(false);
});

it("explains a mirrored copy: the view that found it, and that view's matrix", async () => {
  const mirrored = await madeBy("mp4", ["-i", original, "-vf", "hflip", ...X264]);
  const embedder = seeingEmbedder(composed.stages);
  // At the same moments, so that the two matrices can be compared.
  const { sampling } = sampledAtMiddles(composed.stages);
  const result = await run(mirrored, WHY, { embedder, sampling });
  const { looks, candidates } = explained(result);
  expect(looks[0]).toMatchObject({ view: "whole" });
  expect(looks.map(({ view }) => view)).toContain("mirrored");
  const [best] = candidates as [ExplainedCandidate];
  expect(best).toMatchObject({
    reference_id: "original",
    verdict: "duplicate",
    rule: "segments_cover_query",
    segments: [{ view: "mirrored", mirrored: true }],
    matrix: { view: "mirrored" },
  });
  // Off the line of the copy, the look's own frames are as alike as the reference's are to each other.
  const copy = await madeBy("mp4", ["-i", original, ...X264, "-crf", "28"]);
  const plain = explained(await run(copy, WHY, { sampling }));
  const brightness = (candidate: ExplainedCandidate) => {
    const { at } = pixelsOf(candidate);
    return [60, 100, 180].map((place) => at(place, place + 16).reduce((sum, value) => sum + value, 0));
  };
  const [seen, expected] = [brightness(best), brightness(plain.candidates[0] as ExplainedCandidate)];
  seen.forEach((value, i) => {
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(60);
  });
});

it("explains a candidate below the thresholds with its segments, dashed in the matrix", async () => {
  const policy = { ...DEFAULT_POLICY, review_score: 1, copy_score: 1 };
  const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "32"]);
  const result = await run(copy, WHY, { policy });
  expect(result.matches).toEqual([]);
  const [best] = explained(result).candidates as [ExplainedCandidate];
  expect(best).toMatchObject({
    reference_id: "original",
    verdict: "unique",
    rule: "score_below_review",
    segments: [{ view: "whole" }],
  });
  const { at } = pixelsOf(best);
  const red = Array.from({ length: 250 }, (_, i) => isRed(at(i, i))).filter(Boolean).length;
  expect(red).toBeGreaterThan(80);
  expect(red).toBeLessThan(220);
});

it("explains the surest of very many segments, in the query's order", async () => {
  const { aligner } = composed.stages;
  const count = EXPLAINED_SEGMENTS + 8;
  const scattering: typeof aligner = {
    ...aligner,
    align: async (...args) => {
      const scattered = (i: number) => ({ start_s: 0.2 * i, end_s: 0.2 * i + 0.1 });
      return (await aligner.align(...args)).map(([real]) =>
        Array.from({ length: real ? count : 0 }, (_, i) => ({
          ...(real as NonNullable<typeof real>),
          query: scattered(i),
          score: 0.5 + i / 100,
        })),
      );
    },
  };
  const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "32"]);
  const [best] = explained(await run(copy, WHY, { aligner: scattering })).candidates;
  expect(best?.segments.map(({ query }) => query.start_s)).toEqual(
    Array.from({ length: EXPLAINED_SEGMENTS }, (_, i) => Number((0.2 * (i + 8)).toFixed(2))),
  );
});

it("explains the same coded pictures without any compared view", async () => {
  const { looks, box, policy, candidates } = explained(await run(await remuxed(original, "mkv"), WHY));
  expect({ looks, box, policy }).toEqual({ looks: [], box: null, policy: DEFAULT_POLICY });
  expect(candidates).toMatchObject([
    { reference_id: "original", verdict: "duplicate", rule: "same_packets", best_score: 1, matrix: null },
  ]);
});

it("explains each candidate of an unrelated video", async () => {
  const unrelated = await clip({ picture: "cellauto=rule=110:random_seed=4", durationS: 4 });
  const result = await run(unrelated, WHY, { embedder: seeingEmbedder(composed.stages) });
  expect(result.matches).toEqual([]);
  const { candidates, reason, looks } = explained(result);
  for (const candidate of candidates) expect(candidate.verdict).toBe("unique");
  expect(reason === undefined).toBe(candidates.length > 0);
  expect(looks.length).toBeGreaterThan(1);
});

it.each([
  ["the library is empty", "testsrc2", "t/empty", /library is empty/],
  ["the whole query is blank", "color=c=black", "t/l", /All of the query is blank/],
])("explains that there is no candidate since %s", async (_what, picture, library, says) => {
  const { candidates, reason } = explained(
    await run(await clip({ picture, durationS: 3 }), WHY, { library }),
  );
  expect(candidates).toEqual([]);
  expect(reason).toMatch(says);
});

it("explains that no frame is above the model's floor, with the floor", async () => {
  const embedder = seeingEmbedder(composed.stages);
  const { manifest } = embedder;
  const calibration = { ...manifest.calibration, frame_similarity_floor: 0.9999 };
  const strict = { ...embedder, manifest: { ...manifest, calibration } };
  const file = await clip({ picture: "cellauto=rule=110:random_seed=4", durationS: 4 });
  const { candidates, reason } = explained(await run(file, WHY, { embedder: strict }));
  expect(candidates).toEqual([]);
  expect(reason).toMatch(
    /similarity of 0?\.?\d.*, and candidates need more than 0\.9999\. The \d+ other looks/,
  );
});

it("explains a video before it is added to the library, so that it is not compared with itself", async () => {
  const file = await clip({ picture: "life=ratio=0.3:seed=5:mold=10", durationS: 4 });
  const result = await run(file, { ...WHY, index_as: "joined" }, { library: "t/joins" });
  expect(result.indexed_as).toBe("joined");
  expect(explained(result)).toMatchObject({ candidates: [], reason: expect.stringMatching(/empty/) });
});

it("makes no explanation and no matrix unless asked", async () => {
  let pictures = 0;
  const { aligner } = composed.stages;
  const counting = {
    ...aligner,
    picture: (input: Parameters<typeof aligner.picture>[0]) => {
      pictures++;
      return aligner.picture(input);
    },
  };
  const copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "32"]);
  const plain = await run(copy, { kind: "check", index_as: null }, { aligner: counting });
  expect(plain).not.toHaveProperty("explanation");
  expect(pictures).toBe(0);
  const asked = await run(copy, WHY, { aligner: counting });
  expect(asked.matches).toEqual(plain.matches);
  expect(pictures).toBe(asked.explanation?.candidates.length);
});
