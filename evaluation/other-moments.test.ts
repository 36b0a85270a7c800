import { driftingVectors, trackOf } from "@twinframe/gpu-backend/testing/tracks";
import { expect, it } from "vitest";
import { partsOf } from "./other-moments.ts";

const DIMS = 8;
const seconds = (count: number) => trackOf(driftingVectors(1, 2 * count, DIMS, 1), DIMS);

it("cuts a video into parts of three seconds, spread over it, each a track of its own", () => {
  const video = seconds(30);
  const parts = partsOf(video, DIMS);
  expect(parts.map(({ durationS }) => durationS)).toEqual([3, 3, 3, 3]);
  expect([...(parts[0]?.startS ?? [])]).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
  // The second starts at 9 s, which is frame 18.
  expect([...(parts[1]?.startS ?? [])]).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
  expect(parts[1]?.vectors).toEqual(video.vectors.slice(18 * DIMS, 24 * DIMS));
});

it("gives parts that share no moment, and none of stills", () => {
  expect(partsOf(seconds(7), DIMS)).toHaveLength(2);
  expect(partsOf(seconds(2), DIMS)).toHaveLength(0);
  const still = { ...seconds(12), startS: Float32Array.of(0), endS: Float32Array.of(12) };
  expect(partsOf(still, DIMS)).toEqual([]);
});
