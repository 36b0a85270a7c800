// The smallest PNG encoder that serves: 8 bits a sample, no interlacing, one filter (none). Pictures here are
// small and flat, so zlib alone does well.

import { crc32, deflateSync } from "node:zlib";

export interface Raster {
  width: number;
  height: number;
  /** Row by row: 1 byte a pixel where there is a palette or the picture is grey, 3 (RGB) otherwise. */
  pixels: Uint8Array;
  /** RGB triples, at most 256; the pixels are then positions in it. */
  palette?: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const GREY = 0;
const RGB = 2;
const PALETTE = 3;

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

function colourType({ width, height, pixels, palette }: Raster): number {
  if (palette) {
    if (palette.length === 0 || palette.length > 768 || palette.length % 3 !== 0)
      throw new Error(`a palette has 1–256 colours of 3 bytes, not ${palette.length} bytes`);
    const colours = palette.length / 3;
    if (pixels.some((pixel) => pixel >= colours))
      throw new Error(`a pixel is beyond the ${colours} colours of the palette`);
  }
  if (pixels.length === width * height) return palette ? PALETTE : GREY;
  if (pixels.length === 3 * width * height && !palette) return RGB;
  throw new Error(`${pixels.length} bytes are no picture of ${width} × ${height}`);
}

export function encodePng(raster: Raster): Uint8Array {
  const { width, height, pixels, palette } = raster;
  if (!(width >= 1 && height >= 1)) throw new Error(`${width} × ${height} is no size of a picture`);
  const type = colourType(raster);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, type, 0, 0, 0], 8);
  const rowBytes = pixels.length / height;
  // Each row begins with its filter's number: 0, none.
  const rows = new Uint8Array(height * (rowBytes + 1));
  for (let row = 0; row < height; row++)
    rows.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), row * (rowBytes + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", palette)] : []),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}
