// Marks in the coded video hide nothing: pictures that skipping would leave out are decoded after all.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clip } from "../../test/clips.ts";
import { composeStages } from "../compose.ts";
import { readConfig } from "../config.ts";
import { probeVideo } from "../media/index.ts";
import { StageClock } from "../work/stage-clock.ts";
import { describe } from "./describe.ts";
import type { Stages } from "./stages.ts";

let folder: string;
let composed: { stages: Stages; close(): Promise<void> };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-describe-"));
  composed = await composeStages(
    readConfig({ TWINFRAME_SIGNING_SECRET: "s".repeat(16), TWINFRAME_BACKEND_STATE: folder }),
  );
});
afterAll(async () => {
  await composed.close();
  await rm(folder, { recursive: true });
});

async function describedFrames(parameters: string) {
  const encode = ["-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p", "-x264-params", parameters];
  const file = await clip({ picture: "life", durationS: 4, framesPerSecond: 60, encode });
  const stages = { ...composed.stages, sampling: { framesPerSecond: 7, minFrames: 8 } };
  const fractions: number[] = [];
  const clock = new StageClock((stage, fraction) => {
    if (stage === "decode") fractions.push(fraction);
  });
  const probed = await probeVideo(file, stages.limits);
  const { track, sampledFrames } = await describe({ file, probed }, stages, { clock });
  const restarts = fractions.filter((fraction, i) => fraction < (fractions[i - 1] ?? 0)).length;
  return { kept: track.startS.length, vectors: track.vectors.length, sampledFrames, restarts };
}

it("decodes a video again when most of its pictures could be skipped", async () => {
  const dims = composed.stages.embedder.manifest.output.dims;
  const plain = await describedFrames("bframes=0");
  expect(plain).toMatchObject({ kept: 28, vectors: 28 * dims, sampledFrames: 28 });
  const rare = await describedFrames("bframes=16:b-adapt=0:b-pyramid=none:scenecut=0");
  expect(rare).toEqual({ ...plain, restarts: plain.restarts + 1 });
});
