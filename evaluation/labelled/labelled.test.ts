import { describe, expect, it } from "vitest";
import { readLabelledCsv } from "./labelled-csv.ts";
import { labelledFigures } from "./labelled-figures.ts";

describe("labelled CSV", () => {
  it("reads the predecessors' columns, oldest first", () => {
    const text = `,created,uuid,link,is_duplicate,duplicate_for,is_hard
7,2024-06-01 00:38:04,b,https://x/b.mp4,True,a,False
0,2024-06-01 00:05:43,a,https://x/a.mp4,False,,False
`;
    expect(readLabelledCsv(text)).toEqual([
      { id: "a", isDuplicate: false, duplicateFor: null },
      { id: "b", isDuplicate: true, duplicateFor: "a" },
    ]);
  });
  it("reads a bare list in its order", () => {
    expect(readLabelledCsv("uuid\nz\na\n").map(({ id, isDuplicate }) => [id, isDuplicate])).toEqual([
      ["z", null],
      ["a", null],
    ]);
  });
  it.each([
    ["id\nx\n", /no column uuid/],
    ["uuid\nx\nx\n", /two rows have the uuid x/],
    ["uuid,is_duplicate\nx,perhaps\n", /is_duplicate of x is "perhaps"/],
  ])("says what is wrong with %j", (text, message) => {
    expect(() => readLabelledCsv(text)).toThrow(message);
  });
});

it("figures of a labelled list: duplicates found, and the right original named", () => {
  const outcome = (
    duplicateFor: string | null,
    named: string | null,
    isDuplicate = duplicateFor !== null,
  ) => ({
    named,
    score: 1,
    video: { id: "x", isDuplicate, duplicateFor },
  });
  const figures = labelledFigures([
    outcome("a", "a"),
    outcome("a", "b"),
    outcome("a", null),
    outcome(null, "c"),
    outcome(null, null),
    { ...outcome(null, "c"), video: { id: "y", isDuplicate: null, duplicateFor: null } },
  ]);
  const values = Object.fromEntries(Object.entries(figures).map(([name, { value }]) => [name, value]));
  expect(values.precision).toBeCloseTo(2 / 3, 10);
  expect(values.recall).toBeCloseTo(2 / 3, 10);
  expect(values.f1).toBeCloseTo(2 / 3, 10);
  expect(values.naming_precision).toBeCloseTo(1 / 3, 10);
  expect(values.naming_recall).toBeCloseTo(1 / 3, 10);
});
