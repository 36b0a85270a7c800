import { describe, expect, it } from "vitest";
import { seededRandom } from "../testing-tracks.ts";
import { THUMBNAIL_SIDE, Thumbnails } from "./thumbnail.ts";

const noise = (bytes: number) => {
  const random = seededRandom(4);
  return Uint8Array.from({ length: bytes }, () => 256 * random());
};

describe("thumbnails", () => {
  it("are frames as they are when these are small", () => {
    const pixels = noise(64 * 10 * 3);
    const thumbnails = new Thumbnails({ width: 64, height: 10 });
    expect([thumbnails.width, thumbnails.height]).toEqual([64, 10]);
    expect(thumbnails.of(pixels)).toBe(pixels);
  });

  it.each([
    [128, 192],
    [192, 64],
    [100, 77],
  ])("have the mean of what falls on each pixel (%i × %i)", (width, height) => {
    const pixels = noise(width * height * 3);
    const thumbnails = new Thumbnails({ width, height });
    const wanted = new Uint8Array(THUMBNAIL_SIDE ** 2 * 3);
    for (let at = 0; at < wanted.length; at++) {
      const [channel, pixel] = [at % 3, Math.floor(at / 3)];
      const [column, row] = [pixel % THUMBNAIL_SIDE, Math.floor(pixel / THUMBNAIL_SIDE)];
      const falls: number[] = [];
      for (let y = 0; y < height; y++)
        if (Math.floor((y * THUMBNAIL_SIDE) / height) === row)
          for (let x = 0; x < width; x++)
            if (Math.floor((x * THUMBNAIL_SIDE) / width) === column)
              falls.push(pixels[(y * width + x) * 3 + channel] as number);
      wanted[at] = Math.round(falls.reduce((a, b) => a + b, 0) / falls.length);
    }
    expect(Buffer.compare(thumbnails.of(pixels), wanted)).toBe(0);
  });

  it("do not remember the frame before", () => {
    const thumbnails = new Thumbnails({ width: 128, height: 128 });
    const pixels = noise(128 * 128 * 3);
    const first = thumbnails.of(pixels);
    thumbnails.of(new Uint8Array(pixels.length).fill(255));
    expect(Buffer.compare(thumbnails.of(pixels), first)).toBe(0);
  });

  it("are of another size when asked", () => {
    const thumbnails = new Thumbnails({ width: 8, height: 4 }, (side) => side / 4);
    expect([thumbnails.width, thumbnails.height]).toEqual([2, 1]);
    const halves = Uint8Array.from({ length: 8 * 4 * 3 }, (_, i) => (Math.floor(i / 3) % 8 < 4 ? 10 : 200));
    expect([...thumbnails.of(halves)]).toEqual([10, 10, 10, 200, 200, 200]);
  });
});
