import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { driftingVectors, leastCosine, seededRandom, trackOf } from "../../testing-tracks.ts";
import { PackedTrackError } from "./bytes.ts";
import { packTrack, type TrackContent, unpackTrack } from "./packed-track.ts";

const SMALL = 16;

/** A video as folding leaves it: spans of one to `longest` places, blank stretches between some of them. */
function foldedTrack(seed: number, frames: number, dims: number, rate: number, longest = 20): TrackContent {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(limit * random());
  const intervalS = 1 / rate;
  const [startS, endS] = [new Float32Array(frames), new Float32Array(frames)];
  let place = 0;
  for (let frame = 0; frame < frames; frame++) {
    if (random() < 0.1) place += below(5_000);
    startS[frame] = place * intervalS;
    place += random() < 0.7 ? 1 : 1 + below(longest);
    endS[frame] = place * intervalS;
  }
  return {
    vectors: driftingVectors(seed, frames, dims, 0.2 + 3 * random()),
    startS,
    endS,
    rate: 1 / intervalS,
  };
}

function expectSame(read: TrackContent, written: TrackContent, dims: number): void {
  const worst = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
  expect(read.rate).toBe(written.rate);
  expect(read.startS).toHaveLength(written.startS.length);
  expect(read.endS).toHaveLength(written.endS.length);
  expect(worst(read.startS, written.startS)).toBeLessThan(0.001);
  expect(worst(read.endS, written.endS)).toBeLessThan(0.001);
  expect(leastCosine(read.vectors, written.vectors, dims)).toBeGreaterThanOrEqual(0.9999);
}

const roundTrip = (track: TrackContent, dims: number) => unpackTrack(packTrack(track, dims), dims);
const withChecksum = (content: Uint8Array) => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(content));
  return new Uint8Array(Buffer.concat([content, sum]));
};

describe("a packed track", () => {
  it.each([128, 256])("of %i dimensions is read as it was written, up to a byte's rounding", (dims) => {
    const random = seededRandom(dims);
    for (let seed = 1; seed <= 40; seed++) {
      const rate = [2, 1, 2.25, 1000 / 417, 0.013, 29.97, 1000 / 2001][seed % 7] as number;
      const track = foldedTrack(seed, Math.floor(150 * random()), dims, rate);
      expectSame(roundTrip(track, dims), track, dims);
    }
  });

  it("has vectors of length 1, and packed again the very same bytes", () => {
    const packed = packTrack(foldedTrack(5, 50, 128, 2), 128);
    const read = unpackTrack(packed, 128);
    for (let frame = 0; frame < 50; frame++)
      expect(Math.hypot(...read.vectors.subarray(frame * 128, (frame + 1) * 128))).toBeCloseTo(1, 6);
    expect(packTrack(read, 128)).toEqual(packed);
  });

  it("takes a byte a dimension at most, and few bytes beside", () => {
    const unlike = Array.from({ length: 60 }, (_, i) => driftingVectors(1000 + i, 1, 128));
    const vectors = Float32Array.from(unlike.flatMap((vector) => [...vector]));
    expect(packTrack(trackOf(vectors, 128), 128).length).toBeLessThanOrEqual(60 * 128 + 24);
    const alike = trackOf(driftingVectors(1, 60, 128, 0.3), 128);
    expect(packTrack(alike, 128).length).toBeLessThan(0.8 * 60 * 128);
  });

  it("may have no frame, or one", () => {
    const none = trackOf(new Float32Array(0), SMALL);
    expectSame(roundTrip(none, SMALL), none, SMALL);
    const one = { vectors: driftingVectors(1, 1, SMALL), startS: Float32Array.of(3.5), rate: 2 };
    expectSame(
      roundTrip({ ...one, endS: Float32Array.of(13.5) }, SMALL),
      { ...one, endS: Float32Array.of(13.5) },
      SMALL,
    );
  });

  it("keeps the times of frames that lie hours apart", () => {
    const startS = Float32Array.of(0, 0.5, 86_400, 900_000.5);
    const track = {
      vectors: driftingVectors(1, 4, SMALL),
      startS,
      endS: startS.map((s) => s + 0.5),
      rate: 2,
    };
    expect(roundTrip(track, SMALL)).toMatchObject({ startS: track.startS, endS: track.endS });
  });

  it.each([
    ["a little off the grid", [0, 0.504, 1], [0.5, 1, 1.5]],
    ["anywhere", [0.1, 0.7172, 9.3], [0.2, 4.04, 11]],
    ["before zero", [-1, 0, 1], [0, 1, 2]],
    ["overlapping", [0, 0.5, 1], [1, 1.5, 2]],
    ["backwards", [2, 1, 0], [2.5, 1.5, 0.5]],
    ["past all counts", [0, 1, 1e12], [1, 2, 2e12]],
  ])("keeps times %s to the bit", (_, starts, ends) => {
    const times = { startS: Float32Array.from(starts), endS: Float32Array.from(ends) };
    const track = { vectors: driftingVectors(1, 3, SMALL), ...times, rate: 2 };
    expect(roundTrip(track, SMALL)).toMatchObject(times);
  });

  it("keeps a zero vector, and refuses NaN and infinity", () => {
    const track = trackOf(new Float32Array(2 * SMALL), SMALL);
    expect(roundTrip(track, SMALL).vectors).toEqual(track.vectors);
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const vectors = driftingVectors(1, 2, SMALL);
      vectors[SMALL + 3] = odd;
      expect(() => packTrack({ ...track, vectors }, SMALL)).toThrow(/descriptor 1 holds/);
    }
    expect(() => packTrack({ ...track, endS: Float32Array.of(1) }, SMALL)).toThrow(RangeError);
  });
});

describe("stored bytes that are no packed track", () => {
  const tracks = [
    foldedTrack(1, 9, SMALL, 2),
    { ...foldedTrack(2, 9, SMALL, 2), rate: 1.7 },
    trackOf(new Float32Array(0), SMALL),
  ];

  it("are refused when any byte is missing or changed", () => {
    for (const packed of tracks.map((track) => packTrack(track, SMALL)))
      for (let at = 0; at < packed.length; at++) {
        expect(() => unpackTrack(packed.slice(0, at), SMALL)).toThrow(PackedTrackError);
        const other = packed.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte));
        expect(() => unpackTrack(other, SMALL)).toThrow(PackedTrackError);
      }
  });

  it("are refused with the reason", () => {
    const packed = packTrack(foldedTrack(1, 9, SMALL, 2), SMALL);
    expect(() => unpackTrack(new Uint8Array(0), SMALL)).toThrow(/empty/);
    expect(() => unpackTrack(packed.with(0, 2), SMALL)).toThrow(/version 2.*reads version 1/);
    expect(() => unpackTrack(packed, 2 * SMALL)).toThrow(/16 dimensions, not 32/);
    expect(() => unpackTrack(packed.with(40, 99), SMALL)).toThrow(/damaged: its checksum/);
    expect(() => unpackTrack(withChecksum(packed.with(1, 8).slice(0, -4)), SMALL)).toThrow(/unknown flags 8/);
    const longer = Uint8Array.of(...packed.slice(0, -4), 7);
    expect(() => unpackTrack(withChecksum(longer), SMALL)).toThrow(/1 bytes too many/);
  });

  it("never make unpacking hang, take unbounded memory or fail otherwise, even with a right checksum", () => {
    const random = seededRandom(7);
    const contents = tracks.map((track) => packTrack(track, SMALL).slice(0, -4));
    for (let i = 0; i < 6_000; i++) {
      const content = (contents[i % 3] as Uint8Array).slice();
      for (let changes = 0; changes <= i % 3; changes++)
        content[1 + Math.floor(random() * Math.min(24, content.length - 1))] = Math.floor(256 * random());
      try {
        unpackTrack(withChecksum(content), SMALL);
      } catch (error) {
        expect(error).toBeInstanceOf(PackedTrackError);
      }
    }
  });
});
