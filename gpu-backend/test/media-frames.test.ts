import { describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, probeVideo, type SampledFrames, sampleFrames } from "../src/media/index.ts";
import { clip, madeBy, remuxed } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const options = { width: 32, height: 24, framesPerSecond: 1, minFrames: 8 };

async function sample(file: string, changes: Partial<typeof options> = {}, changedLimits = limits) {
  return sampleFrames(
    { file, probed: await probeVideo(file, limits) },
    { ...options, ...changes },
    changedLimits,
  );
}

/** The colour in the middle of a frame. */
function colourOf(frames: SampledFrames, index: number): number[] {
  const { width, height, pixels } = frames;
  const at = (index * width * height + Math.floor(height / 2) * width + width / 2) * 3;
  return [...pixels.subarray(at, at + 3)];
}

describe("sampled frames", () => {
  test("come at the asked rate and size, each for the middle of its interval", async () => {
    const frames = await sample(await clip({ durationS: 12 }));
    expect(frames).toMatchObject({ count: 12, width: 32, height: 24, intervalS: 1 });
    expect(frames.pixels.length).toBe(12 * 32 * 24 * 3);
    expect([0, 3.5, 12].map(frames.trueTimeOf)).toEqual([0, 3.5, 12]);
  });

  test("show what the video shows at their times", async () => {
    // Red for 1.2 s, then green: the frame of [1, 2) shows its middle, which is green already.
    const file = await madeBy("mp4", [
      ...[
        "-f",
        "lavfi",
        "-i",
        "color=red:s=64x48:r=25:d=1.2",
        "-f",
        "lavfi",
        "-i",
        "color=lime:s=64x48:r=25:d=8.8",
      ],
      ...["-filter_complex", "[0][1]concat=n=2", "-c:v", "libx264", "-preset", "ultrafast"],
    ]);
    const frames = await sample(file);
    expect(colourOf(frames, 0)[0]).toBeGreaterThan(200);
    expect(colourOf(frames, 1)[1]).toBeGreaterThan(200);
  });

  test("are at least eight of a short clip", async () => {
    expect((await sample(await clip({ durationS: 2 }))).count).toBe(8);
    expect((await sample(await clip({ durationS: 5 }))).count).toBeGreaterThanOrEqual(8);
  });

  test("are never more than the clip has", async () => {
    expect((await sample(await clip({ durationS: 2, framesPerSecond: 2 }))).count).toBe(4);
    expect((await sample(await clip({ durationS: 0.04 }))).count).toBe(1);
  });

  test("grow sparser where the limits allow no more of them", async () => {
    const file = await clip({ durationS: 12 });
    expect((await sample(file, {}, { ...limits, maxFrames: 6 })).count).toBe(6);
    const frameBytes = 32 * 24 * 3;
    const frames = await sample(file, {}, { ...limits, maxFrameBytes: 4 * frameBytes });
    expect(frames.count).toBe(4);
    expect(frames.intervalS).toBeCloseTo(3, 1);
  });

  test("are the same for the same content on another clock", async () => {
    const original = await sample(await clip({ durationS: 10 }));
    for (const extension of ["ts", "mkv", "flv"]) {
      const shifted = await remuxed(await clip({ durationS: 10 }), extension, ["-output_ts_offset", "3.7"]);
      const frames = await sample(shifted);
      expect(frames, extension).toMatchObject({ count: original.count, intervalS: original.intervalS });
      expect(Buffer.compare(frames.pixels, original.pixels), extension).toBe(0);
    }
  });

  test("are the same when the sound starts before the picture", async () => {
    const original = await clip({ durationS: 10 });
    const delayed = await madeBy("mkv", [
      ...[
        "-itsoffset",
        "1.4",
        "-i",
        original,
        "-f",
        "lavfi",
        "-i",
        "sine=d=11",
        "-map",
        "0:v",
        "-map",
        "1:a",
      ],
      ...["-c:v", "copy"],
    ]);
    const frames = await sample(delayed);
    const expected = await sample(original);
    expect(frames).toMatchObject({ count: expected.count, intervalS: expected.intervalS });
    expect(Buffer.compare(frames.pixels, expected.pixels)).toBe(0);
  });

  test("are turned as the file asks", async () => {
    const file = await clip({ picture: "color=red", filter: "drawbox=w=iw/2:color=lime:t=fill" });
    const turned = await remuxed(file, "mp4", ["-metadata:s:v", "rotate=90"]);
    const isGreen = (frames: SampledFrames, x: number, y: number) =>
      (frames.pixels[(y * frames.width + x) * 3 + 1] as number) > 128;
    const upright = await sample(file);
    expect([isGreen(upright, 2, 20), isGreen(upright, 29, 2)]).toEqual([true, false]);
    const frames = await sample(turned);
    expect(isGreen(frames, 2, 2)).toBe(isGreen(frames, 29, 2));
    expect(isGreen(frames, 2, 2)).not.toBe(isGreen(frames, 2, 20));
  });

  test("come from 10-bit, full-range and odd-sized pictures", async () => {
    const encodes = [
      ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"],
      ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuvj444p"],
      ["-c:v", "prores", "-pix_fmt", "yuv422p10le"],
    ];
    for (const encode of encodes) {
      const file = await clip({ extension: "mkv", size: "161x91", encode });
      expect((await sample(file)).count).toBeGreaterThanOrEqual(8);
    }
  });

  test("report progress up to the end", async () => {
    const file = await clip({ durationS: 12 });
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    await sampleFrames({ file, probed: await probeVideo(file, limits) }, options, limits, { onProgress });
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });
});

describe("pictures that nothing is built upon", () => {
  const x264 = (...parameters: string[]) => [
    ...["-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p"],
    ...["-x264-params", parameters.join(":")],
  ];
  const skipping = { maySkip: true, framesPerSecond: 2 };
  const meanDifference = (a: Uint8Array, b: Uint8Array) =>
    a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] as number)), 0) / a.length;

  test("are skipped where others lie close by, and the frames stay nearly the same", async () => {
    const file = await clip({ picture: "mandelbrot", durationS: 6, encode: x264("bframes=3") });
    const all = await sample(file, { framesPerSecond: 2 });
    const some = await sample(file, skipping);
    expect([some.count, some.coverage]).toEqual([all.count, all.coverage]);
    expect(Buffer.compare(some.pixels, all.pixels)).not.toBe(0);
    const later = all.pixels.length / all.count;
    const shifted = meanDifference(all.pixels.subarray(later), all.pixels.subarray(0, -later));
    expect(meanDifference(some.pixels, all.pixels)).toBeLessThan(shifted / 4);
  });

  test("are not skipped in a video of few pictures", async () => {
    const file = await clip({ picture: "mandelbrot", durationS: 6, framesPerSecond: 12, encode: x264() });
    const all = await sample(file, { framesPerSecond: 2 });
    const some = await sample(file, skipping);
    expect(Buffer.compare(some.pixels, all.pixels)).toBe(0);
  });

  test("are decoded after all when nearly all are so", async () => {
    const rare = x264("bframes=16", "b-adapt=0", "b-pyramid=none", "scenecut=0");
    const file = await clip({ picture: "life", durationS: 4, framesPerSecond: 60, encode: rare });
    const [all, some] = [
      await sample(file, { framesPerSecond: 7 }),
      await sample(file, { ...skipping, framesPerSecond: 7 }),
    ];
    expect(Buffer.compare(some.pixels, all.pixels)).toBe(0);
    expect(some.coverage).toEqual(all.coverage);
  });
});
