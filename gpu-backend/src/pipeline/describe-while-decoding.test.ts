// Descriptors that are made while the decoder runs are those that would have been made after it.

import { expect, it } from "vitest";
import type { Embedder } from "../descriptor/embedder.ts";
import type { FramesSoFar } from "../media/index.ts";
import { FrameDescriber } from "./describe-while-decoding.ts";

const [width, height, count] = [40, 40, 50];
const frameBytes = width * height * 3;

/** Noise that changes with every frame; `black` lines above and below it are a bar. */
function video(black: (frame: number) => number): FramesSoFar {
  const pixels = new Uint8Array(count * frameBytes);
  let state = 7;
  for (let at = 0; at < pixels.length; at++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const frame = Math.floor(at / frameBytes);
    const row = Math.floor((at % frameBytes) / (width * 3));
    const bar = black(frame);
    pixels[at] = row < bar || row >= height - bar ? 0 : (state >> 8) % 256;
  }
  return { pixels, count, width, height, intervalS: 0.5 };
}

/** Two numbers a frame: some of its bytes added up, and which part of it was asked for. */
function fakeEmbedder(fails = 0) {
  const calls: number[] = [];
  const embed: Embedder["embed"] = async (frames, asked, { view } = {}) => {
    calls.push(asked);
    await Promise.resolve();
    if (calls.length <= fails) throw new Error("no model");
    const sum = (i: number) => frames.subarray(i * frameBytes, (i + 1) * frameBytes).reduce((a, b) => a + b);
    return Float32Array.from({ length: 2 * asked }, (_, i) =>
      i % 2 === 0 ? sum(i / 2) : (view?.[4] as number),
    );
  };
  return { calls, embedder: { supportsViews: true, embed } as Embedder };
}

async function describedInSteps(whole: FramesSoFar, steps: number[], fails = 0) {
  const { calls, embedder } = fakeEmbedder(fails);
  const describer = new FrameDescriber(embedder);
  for (const seen of steps) {
    // A buffer of its own for each call, gone after it, as when the collector's memory moves.
    const pixels = whole.pixels.slice(0, (seen + 0.5) * frameBytes);
    describer.see({ ...whole, pixels, count: seen });
    pixels.fill(9);
    await describer.settled();
  }
  const described = await describer.finish(whole, 25);
  return { ...described, calls };
}

it("gives the same track whether it describes in steps or at the end", async () => {
  const moving = video(() => 0);
  const steps = await describedInSteps(moving, [3, 11, 12, 13, 30, 31, 50]);
  const { calls, ...atOnce } = await describedInSteps(moving, []);
  expect(calls).toEqual([count]);
  expect(steps).toMatchObject(atOnce);
  expect(steps.calls).toEqual([12, 18, 20]);
  expect(steps.track.startS.length).toBe(count);
});

it("describes all frames again when later frames show that there are no bars", async () => {
  const { track, pictures, calls } = await describedInSteps(
    video((frame) => (frame < 30 ? 8 : 0)),
    [20, 50],
  );
  expect(pictures.box.top).toBe(0);
  expect(calls.at(-1)).toBe(count);
  expect([...track.vectors].filter((_, i) => i % 2 === 1)).toEqual(Array(count).fill(1));
});

it("keeps descriptors made within bars that stay", async () => {
  const { pictures, calls, track } = await describedInSteps(
    video(() => 8),
    [20, 50],
  );
  expect(pictures.box.top).toBeGreaterThan(0.15);
  expect(calls).toEqual([20, 30]);
  expect(new Set([...track.vectors].filter((_, i) => i % 2 === 1)).size).toBe(1);
});

it("describes all frames again at the end when the model failed, and throws when it fails again", async () => {
  const steps = [20, 50];
  const { track, calls } = await describedInSteps(
    video(() => 0),
    steps,
    1,
  );
  expect(calls).toEqual([20, count]);
  expect(track.vectors.length).toBe(2 * count);
  await expect(
    describedInSteps(
      video(() => 0),
      steps,
      9,
    ),
  ).rejects.toThrow("no model");
});
