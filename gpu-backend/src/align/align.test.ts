import { describe, expect, it } from "vitest";
import { driftingVectors, normalised, seededRandom, trackOf } from "../testing-tracks.ts";
import { align, type QueryView } from "./align.ts";

const DIMS = 64;
const CALIBRATION = {
  frame_similarity_floor: 0.35,
  static_energy: 0.002,
  static_similarity: { none: 0.97, full: 0.996 },
  score: { bias: -7.7, similarity: 1.4, motion: 10.2, evidence: 1.7, turned: 0, part: 0 },
};

/** Frames `from` to `to` of a track's vectors, each stirred by noise as a re-encode would. */
function copyOf(vectors: Float32Array, from: number, to: number, noise = 0.02, seed = 99): Float32Array {
  const random = seededRandom(seed);
  const part = vectors.slice(from * DIMS, to * DIMS).map((value) => value + noise * (random() - 0.5));
  for (let i = 0; i < part.length; i += DIMS) part.set(normalised(part.slice(i, i + DIMS)), i);
  return part;
}
const MODEL = { dims: DIMS, calibration: CALIBRATION };
const joined = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const run = (query: Float32Array, reference: Float32Array, queryRate = 2, referenceRate = 2) =>
  align(trackOf(query, DIMS, queryRate), trackOf(reference, DIMS, referenceRate), MODEL);

describe("align", () => {
  const reference = driftingVectors(1, 60, DIMS, 1);

  it("gives one segment over a whole copy, at natural speed and offset 0", () => {
    const segments = run(copyOf(reference, 0, 60), reference);
    expect(segments).toHaveLength(1);
    expect(segments[0]).toMatchObject({
      query: { start_s: 0, end_s: 30 },
      reference: { start_s: 0, end_s: 30 },
      speed: 1,
    });
    expect(segments[0]?.score).toBeGreaterThan(0.99);
  });

  it("places an excerpt in its reference", () => {
    const [segment] = run(copyOf(reference, 20, 36), reference);
    expect(segment?.query).toEqual({ start_s: 0, end_s: 8 });
    expect(segment?.reference.start_s).toBeCloseTo(10, 1);
    expect(segment?.reference.end_s).toBeCloseTo(18, 1);
  });

  it("finds where in a longer query a part of the reference was put", () => {
    const query = joined(
      driftingVectors(5, 20, DIMS, 1),
      copyOf(reference, 10, 24),
      driftingVectors(6, 20, DIMS, 1),
    );
    const sure = run(query, reference).filter(({ score }) => score > 0.8);
    expect(sure).toHaveLength(1);
    expect(sure[0]?.query).toEqual({ start_s: 10, end_s: 17 });
    expect(sure[0]?.reference.start_s).toBeCloseTo(5, 1);
  });

  it("gives several segments when parts were put in another order", () => {
    const query = joined(copyOf(reference, 40, 56), copyOf(reference, 2, 18));
    const sure = run(query, reference).filter(({ score }) => score > 0.8);
    expect(sure.map((segment) => Math.round(segment.reference.start_s))).toEqual([20, 1]);
  });

  it.each([0.5, 0.8, 1.25, 2])("finds a copy that plays at %f times the speed", (speed) => {
    // Every reference moment is drawn 8 times as densely, so that any speed can be cut from it.
    const dense = driftingVectors(3, 30 * 16, DIMS, 1);
    const smooth = dense.map((_, i) => {
      let sum = 0;
      for (let k = 0; k < 24; k++)
        sum += dense[Math.min(dense.length - DIMS + (i % DIMS), i + k * DIMS)] as number;
      return sum;
    });
    const at = (timeS: number) =>
      normalised(smooth.slice(Math.floor(timeS * 16) * DIMS, Math.floor(timeS * 16) * DIMS + DIMS));
    const sampled = (count: number, timeOf: (i: number) => number) =>
      joined(...Array.from({ length: count }, (_, i) => at(timeOf(i))));
    const referenceTrack = sampled(56, (i) => (i + 0.5) / 2);
    const places = Math.floor(Math.min(56, 56 / speed));
    const [segment] = run(
      sampled(places, (i) => Math.min(27.9, ((i + 0.5) / 2) * speed)),
      referenceTrack,
    );
    expect(segment?.score).toBeGreaterThan(0.9);
    expect(Math.abs((segment?.speed ?? 0) - speed)).toBeLessThan(0.06 * speed);
  });

  it("does not take another moment of the same scene for a copy", () => {
    const scene = driftingVectors(7, 120, DIMS, 0.25);
    const similarity = run(scene.slice(0, 40 * DIMS), scene.slice(60 * DIMS, 100 * DIMS));
    expect(similarity[0]?.evidence.similarity).toBeGreaterThan(0.7);
    expect(Math.max(...similarity.map(({ score }) => score))).toBeLessThan(0.5);
  });

  it("takes a still for a copy only when it is nearly the same", () => {
    const still = (vector: Float32Array) => joined(...Array.from({ length: 8 }, () => vector));
    const picture = driftingVectors(8, 1, DIMS);
    const near = copyOf(picture, 0, 1, 0.01);
    const alike = normalised(picture.map((value, i) => value + (i % 5 === 0 ? 0.06 : 0)));
    expect(run(still(near), still(picture))[0]?.score).toBeGreaterThan(0.8);
    expect(run(still(alike), still(picture))[0]?.score ?? 0).toBeLessThan(0.5);
  });

  it("finds nothing between unrelated videos", () => {
    expect(run(driftingVectors(20, 60, DIMS, 1), reference).filter(({ score }) => score > 0.5)).toEqual([]);
  });

  it("compares videos sampled at different rates", () => {
    const doubled = joined(
      ...Array.from({ length: 60 }, (_, i) => copyOf(reference, i, i + 1)).flatMap((f) => [f, f]),
    );
    const [segment] = run(doubled, reference, 4, 2);
    expect(segment).toMatchObject({ speed: 1, query: { start_s: 0, end_s: 30 } });
    expect(segment?.reference.start_s).toBeCloseTo(0, 0);
  });

  it("bridges blank frames and leaves them out of the evidence", () => {
    const track = trackOf(copyOf(reference, 0, 60), DIMS);
    const keep = Array.from({ length: 60 }, (_, i) => i).filter((i) => i < 20 || i >= 26);
    const gappy = {
      ...track,
      vectors: joined(...keep.map((i) => track.vectors.slice(i * DIMS, (i + 1) * DIMS))),
      startS: Float32Array.from(keep, (i) => track.startS[i] as number),
      endS: Float32Array.from(keep, (i) => track.endS[i] as number),
    };
    const segments = align(gappy, trackOf(reference, DIMS), MODEL);
    expect(segments).toHaveLength(1);
    expect(segments[0]?.query).toEqual({ start_s: 0, end_s: 30 });
    expect(segments[0]?.evidence.frames).toBe(54);
  });

  it("still places an excerpt when the videos are too long for the whole matrix", () => {
    const long = driftingVectors(30, 6000, DIMS, 1);
    const query = joined(
      driftingVectors(31, 1000, DIMS, 1),
      copyOf(long, 3000, 3400),
      driftingVectors(32, 1000, DIMS, 1),
    );
    const sure = run(query, long).filter(({ score }) => score > 0.8);
    expect(sure).toHaveLength(1);
    expect(sure[0]?.query.start_s).toBeCloseTo(500, -1);
    expect(sure[0]?.reference.start_s).toBeCloseTo(1500, -1);
    expect(sure[0]?.reference.end_s).toBeCloseTo(1700, -1);
  });

  describe("in a view that does not show the whole frames", () => {
    const weighted = { ...CALIBRATION, score: { ...CALIBRATION.score, turned: -0.4, part: -1.3 } };
    const query = trackOf(
      joined(copyOf(reference, 40, 56, 0.3), driftingVectors(9, 10, DIMS, 1), copyOf(reference, 2, 18, 0.4)),
      DIMS,
    );
    const seen = (view?: QueryView) =>
      align(query, trackOf(reference, DIMS), { dims: DIMS, calibration: weighted }, view);
    const logit = (score: number) => Math.log(score / (1 - score));

    it.each([
      { name: "top_half", kind: "part", mirrored: false, weight: -1.3 },
      { name: "turned_90", kind: "turned", mirrored: false, weight: -0.4 },
      { name: "left_half_mirrored", kind: "part", mirrored: true, weight: -1.3 },
    ] as const)(
      "the score has the weight of its kind, and segments its name ($name)",
      ({ weight, ...view }) => {
        const whole = seen();
        const segments = seen(view);
        expect(segments.length).toBeGreaterThan(1);
        expect(segments).toHaveLength(whole.length);
        segments.forEach((segment, i) => {
          const { score, ...rest } = whole[i] as (typeof whole)[number];
          expect(logit(segment.score) - logit(score)).toBeCloseTo(weight, 6);
          expect(segment).toEqual({
            ...rest,
            score: segment.score,
            view: view.name,
            kind: view.kind,
            mirrored: view.mirrored,
          });
        });
      },
    );

    it("differs from the view of the whole frames, which is the default", () => {
      for (const segment of seen())
        expect(segment).toMatchObject({ view: "whole", kind: "whole", mirrored: false });
      const named = seen({ name: "whole", kind: "whole", mirrored: false });
      expect(named).toEqual(seen());
    });
  });
});
