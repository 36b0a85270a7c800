import { beforeAll, describe, expect, it } from "vitest";
import { driftingVectors, seededRandom } from "../../testing-tracks.ts";
import type { FrameHits } from "../frame-track.ts";
import { codesOf, vectorsOf } from "../packed/descriptor-codes.ts";
import { descendingOrder } from "./descending-order.ts";
import { ExactSearch } from "./exact-search.ts";
import { kthGreatest } from "./kth-greatest.ts";
import { LibraryMatrix } from "./library-matrix.ts";
import { NearestRows } from "./nearest-rows.ts";
import { quantise } from "./quantised-queries.ts";

const DIMS = 32;
let searches: Record<"at once" | "in two passes", ExactSearch>;
beforeAll(async () => {
  searches = { "at once": await ExactSearch.start(DIMS), "in two passes": await ExactSearch.start(DIMS, 0) };
});

interface Found {
  key: string;
  similarity: number;
}

/** By multiplying everything, in double precision. */
function exhaustively(library: Map<string, Int8Array>, query: Float32Array, wanted: number): Found[] {
  const all: Found[] = [];
  for (const [id, codes] of library) {
    const vectors = vectorsOf(codes, DIMS);
    for (let frame = 0; frame * DIMS < vectors.length; frame++) {
      const vector = vectors.subarray(frame * DIMS, (frame + 1) * DIMS);
      const similarity = vector.reduce((sum, value, i) => sum + value * (query[i] as number), 0);
      if (vector.some((value) => value !== 0)) all.push({ key: `${id}/${frame}`, similarity });
    }
  }
  return all.sort((a, b) => b.similarity - a.similarity).slice(0, wanted);
}

function foundBy(hits: FrameHits, query: number): Found[] {
  return Array.from({ length: hits.perQuery }, (_, place) => query * hits.perQuery + place)
    .filter((at) => (hits.reference[at] as number) >= 0)
    .map((at) => ({
      key: `${hits.referenceIds[hits.reference[at] as number]}/${hits.frame[at]}`,
      similarity: hits.similarity[at] as number,
    }));
}

function matrixOf(library: Map<string, Int8Array>): LibraryMatrix {
  const matrix = new LibraryMatrix(DIMS);
  for (const [id, codes] of library) matrix.put(id, codes);
  return matrix;
}

async function expectExact(
  search: ExactSearch,
  library: Map<string, Int8Array>,
  queries: Float32Array,
  wanted: number,
) {
  const hits = await search.run(matrixOf(library), queries, wanted);
  for (let query = 0; query * DIMS < queries.length; query++) {
    const expected = exhaustively(library, queries.subarray(query * DIMS, (query + 1) * DIMS), wanted);
    const found = foundBy(hits, query);
    expect(found).toHaveLength(expected.length);
    found.forEach(({ similarity }, i) => {
      expect(similarity).toBeCloseTo(expected[i]?.similarity as number, 6);
    });
    // Of equal ones either may be first, but the last of a library's frames may not take another's place.
    const worst = expected.at(-1)?.similarity ?? 0;
    const sure = expected.filter(({ similarity }) => similarity > worst + 1e-6).map(({ key }) => key);
    expect(new Set(found.map(({ key }) => key))).toEqual(new Set([...found.map(({ key }) => key), ...sure]));
  }
}

const drifting = (seed: number, frames: number, drift?: number) =>
  codesOf(driftingVectors(seed, frames, DIMS, drift), DIMS);

describe.each(["at once", "in two passes"] as const)("the exact search %s", (way) => {
  it("finds what a full multiplication finds, over chunks and batches of queries", async () => {
    const library = new Map(Array.from({ length: 90 }, (_, i) => [`r${i}`, drifting(i, 50 + i)] as const));
    await expectExact(searches[way], library, driftingVectors(7, 70, DIMS), 40);
  });

  it("orders frames that differ by less than a query's rounding", async () => {
    // One scene that hardly moves: thousands of frames within the first pass's error of each other.
    await expectExact(
      searches[way],
      new Map([["still", drifting(3, 6_000, 0.01)]]),
      driftingVectors(3, 4, DIMS, 0.01),
      16,
    );
  });

  it("returns no dead, unused or blank row, though all others are unlike the query", async () => {
    const [away, query] = [new Float32Array(DIMS).fill(-1), new Float32Array(DIMS).fill(1 / Math.sqrt(DIMS))];
    const matrix = matrixOf(
      new Map([
        ["gone", codesOf(new Float32Array(200 * DIMS).fill(1), DIMS)],
        ["away", codesOf(away, DIMS)],
        ["blank", new Int8Array(3 * DIMS)],
      ]),
    );
    matrix.remove("gone");
    const found = foundBy(await searches[way].run(matrix, query, 5), 0);
    expect(found).toEqual([{ key: "away/0", similarity: expect.closeTo(-1, 6) }]);
  });
});

describe("a library's matrix", () => {
  it("keeps every frame's row while others are added, replaced and removed", async () => {
    const random = seededRandom(5);
    const [matrix, library] = [new LibraryMatrix(DIMS), new Map<string, Int8Array>()];
    for (let step = 0; step < 400; step++) {
      const id = `r${Math.floor(random() * 60)}`;
      if (random() < 0.3) {
        matrix.remove(id);
        library.delete(id);
      } else {
        const codes = drifting(step, Math.floor(random() * 300));
        matrix.put(id, codes);
        library.set(id, codes);
      }
      if (step % 50 === 0) matrix.compact();
    }
    matrix.compact();
    const frames = [...library.values()].reduce((sum, codes) => sum + codes.length / DIMS, 0);
    expect({ references: matrix.references, frames: matrix.frames }).toEqual({
      references: library.size,
      frames,
    });
    expect(matrix.bytes).toBeLessThan(1.02 * frames * (DIMS + 4));
    const query = driftingVectors(9, 1, DIMS);
    const found = foundBy(await searches["in two passes"].run(matrix, query, 200), 0).map(({ key }) => key);
    expect(found).toEqual(exhaustively(library, query, 200).map(({ key }) => key));
  });

  it("predicts the bytes that an entry will take", () => {
    const matrix = new LibraryMatrix(DIMS);
    for (const [i, rows] of [0, 3, 30, 1_000, 65_000, 700, 80_000, 5].entries()) {
      const expected = matrix.bytes + matrix.growthFor(rows);
      matrix.put(`r${i}`, new Int8Array(rows * DIMS));
      expect(matrix.bytes).toBe(expected);
    }
  });
});

describe("the first pass' error", () => {
  it("is never greater than its bound", () => {
    const queries = driftingVectors(1, 20, DIMS);
    const { numbers, steps, errors, count } = quantise(queries, DIMS);
    for (let query = 0; query < count; query++) {
      const lost = Float64Array.from(
        { length: DIMS },
        (_, i) =>
          (queries[query * DIMS + i] as number) -
          (numbers[i * count + query] as number) * (steps[query] as number),
      );
      // The stored vector that suffers most is the one that points where the loss does.
      expect(Math.hypot(...lost)).toBeLessThanOrEqual(errors[query] as number);
      expect(errors[query]).toBeLessThan(0.02);
    }
  });

  it("keeps every row that could be among the nearest, and few others", () => {
    const random = seededRandom(2);
    const [wanted, error] = [10, 0.05];
    const exact = Array.from({ length: 3_000 }, () => random());
    const nearest = new NearestRows(wanted, error);
    for (const [row, similarity] of exact.entries())
      nearest.add(row, similarity + (2 * random() - 1) * error);
    const { rows, similarities } = nearest.exact((row) => exact[row] as number);
    const best = exact
      .map((similarity, row) => ({ similarity, row }))
      .sort((a, b) => b.similarity - a.similarity);
    for (const { row } of best.slice(0, wanted)) expect(rows).toContain(row);
    expect(Array.from(similarities)).toEqual(Array.from(rows, (row) => exact[row]));
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.length).toBeLessThan(500);
  });

  it("drops no row while there are fewer than wanted", () => {
    const nearest = new NearestRows(5, 0.1);
    nearest.startWith(Float32Array.of(0.3, 0.2));
    for (const row of [3, 1, 2]) nearest.add(row, row / 10);
    expect([...nearest.exact((row) => -row).rows]).toEqual([3, 1, 2]);
  });
});

it("selects the k-th greatest, also among equal ones", () => {
  const random = seededRandom(4);
  const values = Float32Array.from({ length: 200 }, () => Math.floor(40 * random()));
  const sorted = values.slice(0, 150).sort().reverse();
  for (let k = 1; k <= 150; k++) expect(kthGreatest(values.slice(), 150, k)).toBe(sorted[k - 1]);
});

it("orders values of both signs and equal ones by their positions", () => {
  const random = seededRandom(6);
  const values = Float32Array.from({ length: 300 }, () => Math.round(40 * (random() - 0.5)) / 7);
  const order = descendingOrder(values, 300, 120);
  const expected = values.slice().sort().reverse().slice(0, 120);
  expect(Float32Array.from(order, (at) => values[at] as number)).toEqual(expected);
  expect(new Set(order).size).toBe(120);
});
