import { describe, expect, test } from "vitest";
import { DEFAULT_MEDIA_LIMITS, probeVideo, sampleFrames } from "../src/media/index.ts";
import { madeBy } from "./clips.ts";

const RATE = 30;
const DURATION_S = 20;
const SIZE = { width: 32, height: 24 };
const KEY = Buffer.from("a key that nobody else has");

/** Red where `expression` of n holds, else green. */
const colouredBy = (expression: string, encode: string[]) => {
  const green = `color=lime:s=64x48:r=${RATE}:d=${DURATION_S}`;
  return madeBy("mp4", [
    ...["-f", "lavfi", "-i", green, "-vf", `drawbox=color=red:t=fill:enable='${expression}'`],
    ...["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", ...encode],
  ]);
};

const disposable = (between: number) => [
  ...["-sc_threshold", "0", "-bf", String(between)],
  ...["-x264-params", "b-adapt=0:b-pyramid=none:keyint=9999:min-keyint=9999"],
];

async function sampled(file: string, momentsKey?: Uint8Array) {
  let runs = 1;
  const options = { ...SIZE, framesPerSecond: 2, minFrames: 8, maySkip: true, momentsKey };
  const probed = await probeVideo(file, DEFAULT_MEDIA_LIMITS);
  const frames = await sampleFrames({ file, probed }, options, DEFAULT_MEDIA_LIMITS, {
    onRestart: async () => void runs++,
  });
  const frameBytes = SIZE.width * SIZE.height * 3;
  const isGreen = Array.from({ length: frames.count }, (_, i) => frames.pixels[i * frameBytes + 1]! > 128);
  return { ...frames, runs, green: isGreen.filter(Boolean).length, isGreen };
}

describe("pictures that hide at the middles of the intervals", () => {
  const middles = () => colouredBy("between(mod(n,15),6,9)", ["-bf", "0"]);

  test("hide the rest of a video that is sampled there", async () => {
    expect(await sampled(await middles())).toMatchObject({ count: 40, green: 0 });
  });

  test("hide little of a video that is sampled where nobody can foresee", async () => {
    const { count, green } = await sampled(await middles(), KEY);
    expect(count).toBe(40);
    expect(green).toBeGreaterThan(count / 4);
  });

  test("are looked at at the same moments each time, and at others with another key", async () => {
    const [first, again, other] = [
      await sampled(await middles(), KEY),
      await sampled(await middles(), KEY),
      await sampled(await middles(), Buffer.from("another one")),
    ];
    expect(again.isGreen).toEqual(first.isGreen);
    expect(other.isGreen).not.toEqual(first.isGreen);
  });
});

describe("pictures that no other one is made from", () => {
  test.each([8, 16])("are decoded as well where %i of them are in a row", async (between) => {
    const file = await colouredBy(`not(mod(n,${between + 1}))`, disposable(between));
    const { runs, green, count } = await sampled(file, KEY);
    expect(runs).toBe(2);
    expect(green).toBeGreaterThan(count / 2);
  });

  test("are left out where there are two in a row", async () => {
    const { runs, count } = await sampled(await colouredBy("0", disposable(2)), KEY);
    expect({ runs, count }).toEqual({ runs: 1, count: 40 });
  });
});

describe("frames at picked moments", () => {
  test.each([0.5, 1, 2, 3.3, 5.2, 7.9])(
    "are as many of %f seconds as frames at middles",
    async (durationS) => {
      const source = `testsrc2=s=64x48:r=${RATE}:d=${durationS}`;
      const file = await madeBy("mp4", ["-f", "lavfi", "-i", source, "-c:v", "libx264"]);
      const middles = await sampled(file);
      const picked = await sampled(file, KEY);
      expect(picked.count).toBe(middles.count);
    },
  );
});
