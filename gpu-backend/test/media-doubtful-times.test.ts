import { isFullySeen } from "@twinframe/shared/contract";
import { describe, expect, test } from "vitest";
import { withoutStretches } from "../src/media/coverage.ts";
import { DEFAULT_MEDIA_LIMITS, probeShowings, sampleFrames } from "../src/media/index.ts";
import { clip, madeBy } from "./clips.ts";

const limits = DEFAULT_MEDIA_LIMITS;
const options = { width: 64, height: 48, framesPerSecond: 2, minFrames: 8, maySkip: true };

/** Ten seconds whose times a filter changes. */
const timedBy = (setpts: string, extension = "mkv") =>
  clip({ durationS: 10, filter: setpts, extension, encode: "-c:v libx264 -vsync passthrough".split(" ") });

describe("a video whose times cannot be right", () => {
  test.each([
    ["all pictures but the last within a moment", "setpts='if(gte(N,249),10,N/1000)/TB'"],
    ["ten minutes between two pictures", "setpts='(N/25+if(gte(N,100),600,0))/TB'"],
    ["a second that takes a minute", "setpts=60*PTS"],
  ])("with %s is shown by its pictures' order as well", async (_name, setpts) => {
    const showings = await probeShowings(await timedBy(setpts), limits);
    expect(showings.map(({ ignoresTimes }) => ignoresTimes)).toEqual([false, true]);
    const counted = showings[1]!;
    expect(counted.durationS).toBeCloseTo(10, 1);
    const frames = await sampleFrames({ file: await timedBy(setpts), probed: counted }, options, limits);
    expect(frames.count).toBe(20);
    expect(isFullySeen(frames.coverage)).toBe(true);
    const usual = (await probeShowings(await clip({ durationS: 10 }), limits))[0]!;
    const expected = await sampleFrames(
      { file: await clip({ durationS: 10 }), probed: usual },
      options,
      limits,
    );
    const difference = frames.pixels.reduce(
      (sum, value, i) => sum + Math.abs(value - expected.pixels[i]!),
      0,
    );
    expect(difference / frames.pixels.length).toBeLessThan(6);
  });

  test.each([
    ["an ordinary one", () => clip({ durationS: 10 })],
    ["one of ten pictures a second", () => clip({ durationS: 10, framesPerSecond: 10 })],
    ["a picture that stands for half a minute", () => clip({ durationS: 30, framesPerSecond: 0.1 })],
  ])("is none of those: %s", async (_name, make) => {
    expect(await probeShowings(await make(), limits)).toHaveLength(1);
  });
});

describe("a strobe of two pictures", () => {
  test("is no coverage, where no frame stands for its interval", async () => {
    const strobe = await madeBy("mp4", [
      ...["-f", "lavfi", "-i", "testsrc2=s=128x96:r=30:d=8"],
      ...["-vf", "drawbox=color=navy:t=fill:enable='mod(n,2)'", "-c:v", "libx264", "-bf", "0"],
    ]);
    const [probed] = await probeShowings(strobe, limits);
    const { coverage, flicker } = await sampleFrames({ file: strobe, probed: probed! }, options, limits);
    expect(isFullySeen(coverage)).toBe(true);
    expect(isFullySeen(withoutStretches(coverage, flicker))).toBe(false);
  });
});
