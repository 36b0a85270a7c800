import { expect, it } from "vitest";
import { excluding } from "./excluding.ts";
import type { FrameHits } from "./frame-track.ts";
import type { VectorIndex } from "./vector-index.ts";

/** Two queries; the nearest frames of each in the order of these names. */
const NAMES = ["a", "b", "c"];
const ROWS = [
  [0, 0, 1, 2],
  [2, 0, 0, -1],
];
const asked: number[] = [];
const index = {
  searchBatch: async (_library: string, _queries: Float32Array, perQuery: number): Promise<FrameHits> => {
    asked.push(perQuery);
    return {
      perQuery: 4,
      referenceIds: NAMES,
      reference: Int32Array.from(ROWS.flat()),
      frame: Int32Array.from({ length: 8 }, (_, at) => at),
      similarity: Float32Array.from({ length: 8 }, (_, at) => 1 - at / 8),
    };
  },
  findByPackets: async () => [{ id: "a" }, { id: "b" }],
} as unknown as VectorIndex;

it("leaves excluded references out of searches, and returns the next nearest in their place", async () => {
  const hits = await excluding(index, ["a"]).searchBatch("l", new Float32Array(), 2);
  expect(asked.at(-1)).toBeGreaterThan(2);
  expect(hits.perQuery).toBe(2);
  expect([...hits.reference].map((at) => hits.referenceIds[at])).toEqual(["b", "c", "c", undefined]);
  expect([...hits.frame].slice(0, 3)).toEqual([2, 3, 4]);
  expect([...hits.similarity].slice(0, 3)).toEqual([0.75, 0.625, 0.5]);
});

it("leaves excluded references out of look-ups by packets", async () => {
  expect(await excluding(index, ["a"]).findByPackets("l", "x")).toEqual([{ id: "b" }]);
});

it("returns the index itself when nothing is excluded", () => expect(excluding(index, [])).toBe(index));
