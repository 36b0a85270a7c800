import { describe, expect, it } from "vitest";
import { rankCandidates } from "./candidates.ts";

const hits = (rows: [reference: number, similarity: number][][]) => ({
  perQuery: 3,
  referenceIds: ["a", "b", "c"],
  reference: Int32Array.from(rows.flatMap((row) => [0, 1, 2].map((i) => row[i]?.[0] ?? -1))),
  frame: new Int32Array(3 * rows.length),
  similarity: Float32Array.from(rows.flatMap((row) => [0, 1, 2].map((i) => row[i]?.[1] ?? 0))),
});
const seconds = (...spans: number[]) => ({
  startS: Float32Array.from(spans, (_, i) => spans.slice(0, i).reduce((a, b) => a + b, 0)),
  endS: Float32Array.from(spans, (_, i) => spans.slice(0, i + 1).reduce((a, b) => a + b, 0)),
});

describe("rankCandidates", () => {
  it("ranks references by how many frames resemble them, each frame once a reference", () => {
    const rows = hits([
      [
        [1, 0.9],
        [1, 0.9],
        [0, 0.8],
      ],
      [
        [1, 0.5],
        [0, 0.8],
      ],
      [[0, 0.8]],
    ] as [number, number][][]);
    expect(rankCandidates(rows, seconds(1, 1, 1), 0.4, 10)).toEqual(["a", "b"]);
  });
  it("weighs a still by its length", () => {
    const rows = hits([[[0, 0.8]], [[1, 0.8]], [[1, 0.8]]]);
    expect(rankCandidates(rows, seconds(10, 1, 1), 0.4, 10)).toEqual(["a", "b"]);
  });
  it("leaves out what is below the floor, and the least promising beyond the limit", () => {
    const rows = hits([
      [
        [0, 0.9],
        [1, 0.8],
        [2, 0.3],
      ],
    ]);
    expect(rankCandidates(rows, seconds(1), 0.4, 10)).toEqual(["a", "b"]);
    expect(rankCandidates(rows, seconds(1), 0.4, 1)).toEqual(["a"]);
  });
});
