import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, probeVideo, sampleFrames } from "../src/media/index.ts";
import { clip, cutFile, fileOf, madeBy, remuxed, scratchFolder } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const options = { width: 32, height: 24, framesPerSecond: 1, minFrames: 8 };
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

const sample = async (file: string) =>
  sampleFrames({ file, probed: await probeVideo(file, limits) }, options, limits);
const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast"];

describe("a cut file", () => {
  test.each([
    { name: "mp4 with its index first", extension: "mp4", changes: ["-movflags", "+faststart"] },
    { name: "mp4 with its index last", extension: "mp4", changes: [] },
    { name: "mkv", extension: "mkv", changes: [] },
    { name: "flv", extension: "flv", changes: [] },
    { name: "avi", extension: "avi", changes: ["-bsf:v", "h264_mp4toannexb"] },
  ])("is truncated: $name", async ({ extension, changes }) => {
    const whole = await remuxed(await clip({ durationS: 12, sound: true }), extension, changes);
    expect((await sample(whole)).count).toBe(12);
    for (const share of [0.1, 0.5, 0.85]) {
      const cut = await cutFile(whole, share, scratch.path);
      await expect(sample(cut), `${share}`).rejects.toMatchObject({ code: "truncated_video" });
    }
  });

  test("is truncated: webm", async () => {
    const cut = await cutFile(
      await clip({ extension: "webm", encode: VP9, durationS: 10 }),
      0.5,
      scratch.path,
    );
    await expect(sample(cut)).rejects.toMatchObject({ code: "truncated_video" });
  });
});

describe("a whole file is not called truncated", () => {
  test("when its sound is longer than its picture", async () => {
    for (const extension of ["mp4", "mkv", "flv"]) {
      const file = await madeBy(extension, [
        ...["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=3"],
        ...["-f", "lavfi", "-i", "sine=d=12:sample_rate=44100", ...H264],
      ]);
      expect((await sample(file)).count, extension).toBeGreaterThan(0);
    }
  });

  test("when its frame rate varies and its picture freezes", async () => {
    const frozen = await clip({ durationS: 3, filter: "tpad=stop_mode=clone:stop_duration=9" });
    expect((await sample(frozen)).count).toBe(12);
    const gap = await clip({
      durationS: 12,
      filter: "select='lt(t,2)+gt(t,9)'",
      encode: [...H264, "-fps_mode", "vfr"],
    });
    expect((await sample(gap)).count).toBe(12);
  });

  test("when an edit list leaves out its start", async () => {
    const original = await clip({ durationS: 12, encode: [...H264, "-g", "50"] });
    const file = await madeBy("mp4", ["-ss", "3.3", "-i", original, "-c", "copy"]);
    const frames = await sample(file);
    const { durationS } = await probeVideo(file, limits);
    expect(Math.abs(frames.count * frames.intervalS - durationS)).toBeLessThan(1);
  });

  test("when it starts in the middle of a group of pictures", async () => {
    const original = await clip({
      durationS: 12,
      extension: "ts",
      encode: ["-c:v", "mpeg2video", "-g", "25"],
    });
    const bytes = await readFile(original);
    const packets = Math.floor((bytes.length * 0.3) / 188) * 188;
    const file = await fileOf(scratch.path, "late.ts", bytes.subarray(packets));
    expect((await sample(file)).count).toBeGreaterThanOrEqual(8);
  });

  test("when packets in its middle are damaged", async () => {
    const whole = await readFile(
      await remuxed(await clip({ durationS: 12 }), "mp4", ["-movflags", "+faststart"]),
    );
    const middle = Math.floor(whole.length * 0.5);
    for (let at = middle; at < middle + 3000; at += 7) whole[at] = (whole[at] as number) ^ 0x5a;
    const file = await fileOf(scratch.path, "damaged.mp4", whole);
    expect((await sample(file)).count).toBe(12);
  });
});
