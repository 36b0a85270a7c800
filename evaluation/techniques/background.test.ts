import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { levelsOf, readBackground } from "./background.ts";

const folder = mkdtempSync(join(tmpdir(), "twinframe-background-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("reads int8 rows as vectors of length 1, and refuses other dimensions", () => {
  const file = join(folder, "b.i8");
  writeFileSync(file, Int8Array.of(3, -4, 127, 0));
  const rows = [...readBackground(file, 2).rows];
  [0.6, -0.8, 1, 0].forEach((value, i) => {
    expect(rows[i]).toBeCloseTo(value, 6);
  });
  expect(() => readBackground(file, 3)).toThrow(/4 bytes: not descriptors of 3/);
});

it("averages the five nearest", () => {
  const rows = Float32Array.from([1, 0.9, 0.8, 0.7, 0.6, -1, -1].flatMap((x) => [x, Math.sqrt(1 - x * x)]));
  const [level] = levelsOf(Float32Array.of(1, 0), { rows, dims: 2 });
  expect(level).toBeCloseTo(0.8, 6);
});
