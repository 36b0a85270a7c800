import { describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, foldFrames, probeVideo, sampleFrames } from "../src/media/index.ts";
import { clip, madeBy } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const options = { width: 64, height: 64, framesPerSecond: 1, minFrames: 8 };
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

async function fold(file: string) {
  return foldFrames(await sampleFrames({ file, probed: await probeVideo(file, limits) }, options, limits));
}

/** A picture with detail that stands still, with something laid over it. */
function still(durationS: number, over: string[] = [], encode = H264): Promise<string> {
  return madeBy("mp4", [
    ...["-f", "lavfi", "-i", `testsrc2=s=640x360:r=25:d=0.04,loop=-1:1,setpts=N/25/TB`],
    ...over,
    ...["-t", String(durationS), ...encode],
  ]);
}

describe("folding", () => {
  test("keeps every frame of a lively video, each for its interval", async () => {
    const { frames, blankFrames } = await fold(await clip({ picture: "mandelbrot", durationS: 10 }));
    expect(blankFrames).toBe(0);
    expect(frames.map(({ startS }) => startS)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(frames.at(-1)?.endS).toBe(10);
  });

  test("leaves out a black start and keeps the times of the rest", async () => {
    const file = await madeBy("mp4", [
      ...[
        "-f",
        "lavfi",
        "-i",
        "color=black:s=320x240:r=25:d=4",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x240:r=25:d=6",
      ],
      ...["-filter_complex", "[0][1]concat=n=2", ...H264],
    ]);
    const { frames, blankFrames } = await fold(file);
    expect(blankFrames).toBe(4);
    expect(frames[0]).toMatchObject({ index: 4, startS: 4 });
    expect(frames.at(-1)?.endS).toBe(10);
  });

  test.each(["black", "white", "blue"])("keeps nothing of a wholly %s video", async (colour) => {
    const { frames, blankFrames } = await fold(await clip({ picture: `color=${colour}`, durationS: 8 }));
    expect(frames).toEqual([]);
    expect(blankFrames).toBe(8);
  });

  test("folds a still picture into spans of at most ten seconds", async () => {
    const { frames } = await fold(await still(25));
    expect(frames).toEqual([
      { index: 0, startS: 0, endS: 10 },
      { index: 10, startS: 10, endS: 20 },
      { index: 20, startS: 20, endS: 25 },
    ]);
  });

  test("folds a still picture through the grain of a strong compression", async () => {
    const grain = await still(10, ["-vf", "noise=alls=10:allf=t"], [...H264, "-crf", "30"]);
    expect((await fold(grain)).frames.length).toBe(1);
  });

  test("keeps the frames of a fixed camera in which a small thing moves", async () => {
    const over = [
      ...["-f", "lavfi", "-i", "color=gray:s=16x24:r=25"],
      ...["-filter_complex", "[0][1]overlay=x=40*t+20:y=180"],
    ];
    expect((await fold(await still(10, over))).frames.length).toBe(10);
  });

  test("does not let a slow change slip by in small steps", () => {
    const [width, height, count] = [16, 16, 40];
    const pixels = new Uint8Array(count * width * height * 3);
    for (let frame = 0; frame < count; frame += 1)
      for (let at = 0; at < width * height * 3; at += 1)
        pixels[frame * width * height * 3 + at] = (at % 2 === 0 ? 40 : 160) + frame;
    const { frames } = foldFrames({ pixels, count, width, height, intervalS: 0.1 });
    expect(frames.length).toBe(10);
  });

  test("works for sizes that are no multiple of its blocks", () => {
    const frames = { pixels: new Uint8Array(2 * 7 * 5 * 3), count: 2, width: 7, height: 5 };
    frames.pixels.fill(200, 30, 60);
    frames.pixels.fill(200, 105 + 30, 105 + 60);
    const folded = foldFrames({ ...frames, intervalS: 1 });
    expect(folded.frames).toEqual([{ index: 0, startS: 0, endS: 2 }]);
  });
});
