import { describe, expect, it } from "vitest";
import { csvLine, parseCsv } from "./csv.ts";
import { fitLogistic } from "./logistic.ts";
import { partOf } from "./parts.ts";

describe("CSV", () => {
  it("reads back what it wrote, with quotes, commas and line ends", () => {
    const values = ['a "quoted" one', "with, comma", "two\nlines", ""];
    const text = csvLine(["a", "b", "c", "d"]) + csvLine(values);
    expect(parseCsv(text, ["a", "d"])).toEqual([{ a: values[0], b: values[1], c: values[2], d: "" }]);
  });
  it("names the missing column", () => {
    expect(() => parseCsv("x,y\n1,2\n", ["x", "z"])).toThrow(/no column z; it has x, y/);
  });
});

describe("fitLogistic", () => {
  it("recovers the direction and the threshold of its examples", () => {
    const examples = Array.from({ length: 400 }, (_, i) => {
      const x = (i % 20) / 20;
      const noise = (i * 7919) % 100;
      return { features: [x, noise / 100], positive: x > 0.5 };
    });
    const [bias = 0, onX = 0, onNoise = 0] = fitLogistic(examples, 1e-3);
    expect(onX).toBeGreaterThan(5);
    expect(Math.abs(onNoise)).toBeLessThan(0.2 * onX);
    expect(-(bias + onNoise / 2) / onX).toBeCloseTo(0.5, 1);
  });
  it("refuses to fit on one class", () => {
    expect(() => fitLogistic([{ features: [1], positive: true }], 1)).toThrow(/false pairs/);
  });
});

describe("parts", () => {
  it("splits by the group's name alone, about in half", () => {
    const groups = Array.from({ length: 1000 }, (_, i) => `group-${i}`);
    const fit = groups.filter((group) => partOf(group) === "fit").length;
    expect(Math.abs(fit - 500)).toBeLessThan(60);
    expect(partOf("tears-of-steel")).toBe(partOf("tears-of-steel"));
  });
});
