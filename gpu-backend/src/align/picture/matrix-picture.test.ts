import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { driftingVectors, trackOf } from "../../testing-tracks.ts";
import { LINE_COLOURS, type MatrixPicture, matrixPicture } from "./matrix-picture.ts";
import { pairPicture } from "./pair-picture.ts";

/** Its pixels' colours; png.test.ts has an independent decoder read what the encoder writes. */
function colours({ png, width, height }: MatrixPicture): (x: number, y: number) => number[] {
  const bytes = Buffer.from(png);
  const chunk = (type: string) => {
    const at = bytes.indexOf(type, 0, "latin1");
    return bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4));
  };
  const [rows, palette] = [inflateSync(chunk("IDAT")), chunk("PLTE")];
  expect(rows.length).toBe(height * (width + 1));
  return (x, y) => {
    const colour = rows[y * (width + 1) + 1 + x] as number;
    return [...palette.subarray(3 * colour, 3 * colour + 3)];
  };
}
const brightness = (colour: number[]) => colour.reduce((sum, channel) => sum + channel, 0);
const diagonal = (cells: number, offset: number) => ({
  rows: cells,
  columns: cells,
  at: (row: number, column: number) => (column === row + offset ? 1 : 0),
});

describe("the picture of a matrix", () => {
  it("enlarges small ones in whole pixels, query down and reference across", () => {
    const picture = matrixPicture(
      { rows: 2, columns: 4, at: (row, column) => Number(row === 0 && column === 3) },
      [],
      { maxSide: 43 },
    );
    expect([picture.width, picture.height]).toEqual([40, 20]);
    const at = colours(picture);
    expect(brightness(at(35, 5))).toBeGreaterThan(500);
    expect(brightness(at(35, 15))).toBeLessThan(100);
  });
  it.each([0, 1, 7])(
    "makes large ones small without losing a thin diagonal that begins %i cells on",
    (offset) => {
      const picture = matrixPicture(diagonal(5000, offset), [], { maxSide: 100 });
      expect([picture.width, picture.height]).toEqual([100, 100]);
      const at = colours(picture);
      for (const place of [0, 33, 99]) expect(brightness(at(place, place))).toBeGreaterThan(500);
      expect(brightness(at(10, 60))).toBeLessThan(100);
    },
  );
  it("shows blank places in a colour of their own, and values beyond the scale at its ends", () => {
    const values = [Number.NaN, -0.4, 0, 1.2];
    const at = colours(matrixPicture({ rows: 1, columns: 4, at: (_, column) => values[column] as number }));
    const seen = [0, 1, 2, 3].map((column) => at(column * 24 + 2, 2));
    expect(seen[1]).toEqual(seen[2]);
    expect(new Set(seen.map(String)).size).toBe(3);
  });
  it("draws segments as lines, whole and dashed, and clips what lies outside", () => {
    const line = { from: { row: 0, column: 0 }, to: { row: 10, column: 10 }, colour: "red" as const };
    const beyond = { ...line, to: { row: 40, column: 40 } };
    const drawn = (dashed: boolean) => {
      const at = colours(
        matrixPicture({ rows: 10, columns: 10, at: () => 0 }, [{ ...beyond, dashed }], { maxSide: 100 }),
      );
      const red = String(LINE_COLOURS.red);
      return Array.from({ length: 100 }, (_, i) => at(i, i)).filter((colour) => String(colour) === red)
        .length;
    };
    expect(drawn(false)).toBe(100);
    expect(drawn(true)).toBeGreaterThan(40);
    expect(drawn(true)).toBeLessThan(80);
  });
  it("refuses an empty matrix", () => {
    expect(() => matrixPicture({ rows: 0, columns: 3, at: () => 0 })).toThrow(/without cells/);
  });
});

describe("the picture of a pair", () => {
  const dims = 16;
  const calibration = {
    frame_similarity_floor: 0.5,
    static_energy: 0.01,
    static_similarity: { none: 0.5, full: 0.9 },
    score: { bias: 0, similarity: 1, motion: 1, evidence: 1, turned: 0, part: 0 },
  };
  const track = trackOf(driftingVectors(7, 20, dims, 2), dims);
  it("has both axes in even time, also where stills were folded", () => {
    // the second frame of the reference lasts three times as long
    const startS = track.startS.map((time, i) => (i > 1 ? time + 1 : time));
    const endS = track.endS.map((time, i) => (i > 0 ? time + 1 : time));
    const folded = { ...track, startS, endS, durationS: track.durationS + 1 };
    const picture = pairPicture(
      { query: track, reference: folded, segments: [] },
      { dims, calibration },
      { maxSide: 44 },
    );
    expect(picture).toMatchObject({ width: 44, height: 40 });
    const at = colours(picture as MatrixPicture);
    for (const column of [1, 2, 3]) expect(brightness(at(2 * column, 2))).toBeGreaterThan(500);
    expect(brightness(at(43, 39))).toBeGreaterThan(500);
  });
  it("is null where there are no frames", () => {
    const query = trackOf(new Float32Array(0), dims);
    expect(pairPicture({ query, reference: track, segments: [] }, { dims, calibration })).toBeNull();
  });
});
