// Codes as their changes from frame to frame, Huffman coded: half a second apart most videos look much alike,
// so that small changes are frequent. Measured on real clips: a third less; on unrelated frames nothing.

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { PackedTrackError } from "./bytes.ts";

export function packChanges(codes: Int8Array, dims: number): Uint8Array {
  const changes = codes.map((code, i) => (i < dims ? code : code - (codes[i - dims] as number)));
  const bytes = new Uint8Array(changes.buffer, changes.byteOffset, changes.byteLength);
  // Looking for repeated stretches finds none in such data and takes most of the time.
  return deflateRawSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY });
}

export function unpackChanges(packed: Uint8Array, length: number, dims: number): Int8Array {
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, length) });
  } catch (cause) {
    throw new PackedTrackError("the stored track is damaged: its codes cannot be read", { cause });
  }
  const codes = new Int8Array(bytes);
  for (let i = dims; i < codes.length; i++) codes[i] = (codes[i] as number) + (codes[i - dims] as number);
  return codes;
}
