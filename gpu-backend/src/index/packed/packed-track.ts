// A track as the bytes that are stored: a byte a dimension and frame at most, and a few for everything else.
//
//   version   1 byte
//   flags     1 byte: TIMES_AS_FLOATS, CODES_AS_CHANGES
//   dims, frames, bytes of the codes: counts (LEB128)
//   rate      float64
//   codes     int8 [frames, dims], or what packChanges makes of them
//   times     runs on the sampling grid; or float32 starts and ends, where they do not lie on it
//   checksum  CRC-32 of all before
//
// The duration is not in it: the reference's record has it.

import { crc32 } from "node:zlib";
import type { FrameTrack } from "../frame-track.ts";
import { ByteReader, ByteWriter, PackedTrackError } from "./bytes.ts";
import { packChanges, unpackChanges } from "./changes.ts";
import { codesOf, vectorsOf } from "./descriptor-codes.ts";
import { readRuns, runsOf, writeRuns } from "./frame-times.ts";

export type TrackContent = Omit<FrameTrack, "durationS">;
/** A track whose vectors are still codes. */
export type CodedTrack = Omit<TrackContent, "vectors"> & { codes: Int8Array };

const VERSION = 1;
const TIMES_AS_FLOATS = 1;
const CODES_AS_CHANGES = 2;
const KNOWN_FLAGS = TIMES_AS_FLOATS | CODES_AS_CHANGES;
const CHECKSUM_BYTES = 4;

export function packTrack({ vectors, startS, endS, rate }: TrackContent, dims: number): Uint8Array {
  const frames = startS.length;
  if (vectors.length !== frames * dims || endS.length !== frames)
    throw new RangeError(`a track of ${frames} frames has ${vectors.length} numbers and ${endS.length} ends`);
  const runs = runsOf({ startS, endS }, rate);
  const codes = codesOf(vectors, dims);
  const changes = packChanges(codes, dims);
  const areChangesSmaller = changes.length < codes.length;
  const stored = areChangesSmaller ? changes : new Uint8Array(codes.buffer);
  const writer = new ByteWriter()
    .byte(VERSION)
    .byte((runs ? 0 : TIMES_AS_FLOATS) | (areChangesSmaller ? CODES_AS_CHANGES : 0))
    .count(dims)
    .count(frames)
    .count(stored.length)
    .float64(rate)
    .bytes(stored);
  if (runs) writeRuns(runs, writer);
  else writer.floats32(startS).floats32(endS);
  return writer.uint32(crc32(writer.joined())).joined();
}

/** Throws PackedTrackError when the bytes are not a whole, undamaged track of `dims` dimensions. */
export function unpackTrack(bytes: Uint8Array, dims: number): TrackContent {
  const { codes, ...times } = unpackCodes(bytes, dims);
  return { vectors: vectorsOf(codes, dims), ...times };
}

/** As unpackTrack, without making vectors of the codes. */
export function unpackCodes(bytes: Uint8Array, dims: number): CodedTrack {
  const reader = new ByteReader(contentOf(bytes));
  const flags = reader.byte();
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new PackedTrackError(`the stored track has unknown flags ${flags}`);
  const packedDims = reader.count();
  if (packedDims !== dims)
    throw new PackedTrackError(`the stored track has ${packedDims} dimensions, not ${dims}`);
  const frames = reader.count();
  const storedLength = reader.count();
  const rate = reader.float64();
  const stored = reader.bytes(storedLength);
  const codes = flags & CODES_AS_CHANGES ? unpackChanges(stored, frames * dims, dims) : new Int8Array(stored);
  if (codes.length !== frames * dims)
    throw new PackedTrackError(`the stored track is damaged: ${codes.length} codes for ${frames} frames`);
  const times =
    flags & TIMES_AS_FLOATS
      ? { startS: reader.floats32(frames), endS: reader.floats32(frames) }
      : readRuns(reader, frames, rate);
  if (reader.left > 0)
    throw new PackedTrackError(`the stored track is damaged: ${reader.left} bytes too many`);
  return { codes, ...times, rate };
}

/** What stands between the version and the checksum, once both are found right. */
function contentOf(bytes: Uint8Array): Uint8Array {
  const version = bytes[0];
  if (version === undefined) throw new PackedTrackError("the stored track is empty");
  if (version !== VERSION)
    throw new PackedTrackError(
      `the stored track has version ${version}; this service reads version ${VERSION}: start a newer one`,
    );
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 1) throw new PackedTrackError("the stored track is cut off");
  if (crc32(bytes.subarray(0, end)) !== new ByteReader(bytes.subarray(end)).uint32())
    throw new PackedTrackError("the stored track is damaged: its checksum is another one");
  return bytes.subarray(1, end);
}
