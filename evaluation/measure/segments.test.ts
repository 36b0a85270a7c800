import { expect, it } from "vitest";
import { type Box, segmentFit } from "./segments.ts";

const box = (qs: number, qe: number, rs: number, re: number): Box => ({
  query: { start_s: qs, end_s: qe },
  reference: { start_s: rs, end_s: re },
});
const whole = box(0, 10, 0, 10);

const cases: [string, Box[], Box[], { precision: number; recall: number }][] = [
  ["the very segment", [whole], [whole], { precision: 1, recall: 1 }],
  // 5 of 10 s on each axis, on both sides
  ["half off on both axes", [box(5, 15, 5, 15)], [whole], { precision: 0.25, recall: 0.25 }],
  // all that was found is true; it covers .8 of each axis
  ["two pieces of one", [box(0, 4, 0, 4), box(6, 10, 6, 10)], [whole], { precision: 1, recall: 0.64 }],
  [
    "the right query time, the wrong reference time",
    [box(0, 10, 20, 30)],
    [whole],
    { precision: 0, recall: 0 },
  ],
  // meets the first true one only (it touches the second): 4 of 10 found, 4 of 8 true, on each axis
  ["one of two", [whole], [box(0, 4, 0, 4), box(6, 10, 10, 14)], { precision: 0.16, recall: 0.25 }],
  // both true ones lie in it: query 8 of 10, reference 8 of 10; all of the truth is covered
  ["one over two", [whole], [box(0, 4, 0, 4), box(6, 10, 6, 10)], { precision: 0.64, recall: 1 }],
  // each counts its own overlap; the truth counts their union
  ["the same one twice", [whole, whole], [whole], { precision: 1, recall: 1 }],
  ["nothing", [], [whole], { precision: 1, recall: 0 }],
];

it.each(cases)("segment fit: %s", (_, found, truth, expected) => {
  const fit = segmentFit(found, truth);
  expect(fit.precision).toBeCloseTo(expected.precision, 10);
  expect(fit.recall).toBeCloseTo(expected.recall, 10);
});
