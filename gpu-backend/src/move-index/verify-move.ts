// Whether two indexes hold the same: every entry and every library's counts, and on a sample the vectors and
// what a search for them finds.

import type { FrameTrack } from "../index/frame-track.ts";
import type { IndexAdmin, IndexReader } from "../index/vector-index.ts";
import { listingOf } from "./listing.ts";

/** Vectors are stored as the same bytes; similarities are computed differently. */
export const SIMILARITY_TOLERANCE = 1e-4;
const NEAREST = 5;
const FRAMES_OF_A_SAMPLE = 4;
const MOST_REPORTED = 20;

export interface Verification {
  references: number;
  libraries: number;
  queries: number;
  greatestDifference: number;
  /** In words, at most a few; none when all is the same. */
  differences: string[];
}

type ComparedIndex = IndexReader & Pick<IndexAdmin, "listReferences" | "libraries">;

export async function verifyMove(
  from: ComparedIndex,
  to: ComparedIndex,
  sample: number,
): Promise<Verification> {
  const differences: string[] = [];
  const source = await listingOf(from);
  const target = await listingOf(to);
  for (const [key, content] of source)
    if (target.get(key) !== content)
      differences.push(`${key} ${target.has(key) ? "is another entry" : "is missing"}`);
  for (const key of target.keys()) if (!source.has(key)) differences.push(`${key} is only in the target`);
  const libraries = await from.libraries();
  const there = new Map((await to.libraries()).map((one) => [one.library, one]));
  for (const { library, references, frames } of libraries) {
    const other = there.get(library);
    if (other?.references !== references || other.frames !== frames)
      differences.push(
        `${library} has ${references} references and ${frames} frames, in the target ${other?.references ?? 0} and ${other?.frames ?? 0}`,
      );
  }
  const asked = await compareSamples(from, to, sampleOf([...source.keys()], sample));
  return {
    references: source.size,
    libraries: libraries.length,
    queries: asked.queries,
    greatestDifference: asked.greatestDifference,
    differences: [...differences, ...asked.differences].slice(0, MOST_REPORTED),
  };
}

/** Evenly through the listing, the same ones each time. */
const sampleOf = (keys: string[], size: number) =>
  Array.from({ length: Math.min(size, keys.length) }, (_, i) =>
    String(keys[Math.floor((i * keys.length) / Math.min(size, keys.length))]),
  );

async function compareSamples(from: IndexReader, to: IndexReader, keys: string[]) {
  const differences: string[] = [];
  let queries = 0;
  let greatestDifference = 0;
  for (const key of keys) {
    const at = key.lastIndexOf("/");
    const [library, id] = [key.slice(0, at), key.slice(at + 1)];
    const given = await trackOf(from, library, id);
    const kept = await trackOf(to, library, id);
    if (!given || !kept) continue; // The listings differ in it.
    if (!isSameTrack(given, kept)) differences.push(`${key} has other descriptors or times`);
    const wanted = someFrames(given, from.dims);
    if (wanted.length === 0) continue;
    const a = await from.searchBatch(library, wanted, NEAREST);
    const b = await to.searchBatch(library, wanted, NEAREST);
    queries += wanted.length / from.dims;
    for (let place = 0; place < a.reference.length; place++) {
      const hasHit = [a, b].map(({ reference }) => (reference[place] as number) >= 0);
      const difference =
        hasHit[0] === hasHit[1]
          ? Math.abs((a.similarity[place] as number) - (b.similarity[place] as number))
          : 1;
      greatestDifference = Math.max(greatestDifference, difference);
      // Hits that are equally similar may change places; the similarities at each place may not.
      if (difference > SIMILARITY_TOLERANCE)
        differences.push(
          `a frame of ${key} finds another one at place ${(place % NEAREST) + 1}, ${difference.toFixed(4)} apart`,
        );
    }
  }
  return { queries, greatestDifference, differences };
}

const trackOf = async (index: IndexReader, library: string, id: string) =>
  (await index.descriptorsOf(library, [id])).get(id);

const isSame = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((x, i) => x === b[i]);
const isSameTrack = (a: FrameTrack, b: FrameTrack) =>
  isSame(a.vectors, b.vectors) && isSame(a.startS, b.startS) && isSame(a.endS, b.endS);

function someFrames({ vectors }: FrameTrack, dims: number): Float32Array {
  const frames = vectors.length / dims;
  const wanted = Math.min(FRAMES_OF_A_SAMPLE, frames);
  const some = new Float32Array(wanted * dims);
  for (let i = 0; i < wanted; i++) {
    const frame = Math.floor((i * frames) / wanted);
    some.set(vectors.subarray(frame * dims, (frame + 1) * dims), i * dims);
  }
  return some;
}
