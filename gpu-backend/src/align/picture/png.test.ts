import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { encodePng, type Raster } from "./png.ts";

/** What an independent decoder makes of the file. */
function decoded(png: Uint8Array, pixelFormat: "gray" | "rgb24"): number[] {
  const args = [
    "-v",
    "error",
    "-err_detect",
    "crccheck+explode",
    "-f",
    "png_pipe",
    "-i",
    "-",
    "-f",
    "rawvideo",
    "-pix_fmt",
    pixelFormat,
    "-",
  ];
  const { stdout, stderr } = spawnSync("ffmpeg", args, { input: png });
  expect(stderr.toString()).toBe("");
  return [...stdout];
}
const counting = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 7) % 256);

describe("PNG", () => {
  it.each([
    [1, 1],
    [5, 3],
    [64, 41],
  ])("grey, %i × %i, comes back as it was", (width, height) => {
    const pixels = counting(width * height);
    expect(decoded(encodePng({ width, height, pixels }), "gray")).toEqual([...pixels]);
  });
  it("RGB comes back as it was", () => {
    const pixels = counting(3 * 6 * 4);
    expect(decoded(encodePng({ width: 6, height: 4, pixels }), "rgb24")).toEqual([...pixels]);
  });
  it("shows the palette's colours", () => {
    const palette = Uint8Array.of(1, 2, 3, 250, 128, 0);
    const png = encodePng({ width: 2, height: 2, pixels: Uint8Array.of(0, 1, 1, 0), palette });
    expect(decoded(png, "rgb24")).toEqual([1, 2, 3, 250, 128, 0, 250, 128, 0, 1, 2, 3]);
  });
  it.each<[Raster, RegExp]>([
    [{ width: 2, height: 2, pixels: counting(5) }, /5 bytes are no picture of 2 × 2/],
    [{ width: 0, height: 2, pixels: counting(0) }, /no size/],
    [{ width: 1, height: 1, pixels: Uint8Array.of(2), palette: counting(6) }, /beyond the 2 colours/],
    [{ width: 1, height: 1, pixels: Uint8Array.of(0), palette: counting(4) }, /1–256 colours/],
  ])("refuses %j", (raster, message) => {
    expect(() => encodePng(raster)).toThrow(message);
  });
});
