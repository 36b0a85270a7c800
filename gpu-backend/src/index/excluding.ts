// An index reader that leaves a few references out: a check that looks for others than itself. What an owner has taken
// out of searches, in any number, the index leaves out by itself.

import type { FrameHits } from "./frame-track.ts";
import type { IndexReader } from "./vector-index.ts";

/** So many times the wanted hits are searched, to make up for the excluded ones. */
const SPARE = 2;
/** Growth of that number while it was not enough. */
const GROWTH = 4;
/** Hits of one search: the deeper a search, the fewer queries at a time. */
const MOST_HITS = 1 << 18;

/** The hits that are not excluded, of all searches together. */
class LeftHits {
  readonly #ids = new Map<string, number>();
  readonly #excluded: ReadonlySet<string>;
  readonly hits: Omit<FrameHits, "referenceIds">;

  constructor(queries: number, perQuery: number, excluded: ReadonlySet<string>) {
    this.#excluded = excluded;
    this.hits = {
      perQuery,
      reference: new Int32Array(queries * perQuery).fill(-1),
      frame: new Int32Array(queries * perQuery),
      similarity: new Float32Array(queries * perQuery),
    };
  }

  get all(): FrameHits {
    return { ...this.hits, referenceIds: [...this.#ids.keys()] };
  }

  /** Row `from` of what was found, for the query `to`. Whether there may be more where that came from. */
  take(found: FrameHits, from: number, to: number, depth: number): boolean {
    const { perQuery, reference, frame, similarity } = this.hits;
    let at = to * perQuery;
    const end = at + perQuery;
    const last = (from + 1) * found.perQuery;
    for (let row = from * found.perQuery; row < last && at < end; row++) {
      const position = found.reference[row] as number;
      const id = found.referenceIds[position];
      if (position < 0 || id === undefined || this.#excluded.has(id)) continue;
      reference[at] = this.#positionOf(id);
      frame[at] = found.frame[row] as number;
      similarity[at] = found.similarity[row] as number;
      at++;
    }
    return at < end && found.perQuery === depth && (found.reference[last - 1] as number) >= 0;
  }

  #positionOf(id: string): number {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#ids.set(id, this.#ids.size);
    return this.#ids.size - 1;
  }
}

interface Search {
  library: string;
  queries: Float32Array;
  perQuery: number;
}

/** As deep as needed: however many frames of excluded references are nearer than all others. */
async function searchWithout(
  index: IndexReader,
  { library, queries, perQuery }: Search,
  excluded: ReadonlySet<string>,
): Promise<FrameHits> {
  let depth = perQuery * SPARE;
  const first = await index.searchBatch(library, queries, depth);
  const count = first.perQuery === 0 ? 0 : first.reference.length / first.perQuery;
  const left = new LeftHits(count, perQuery, excluded);
  let short = Array.from({ length: count }, (_, query) => query).filter((query) =>
    left.take(first, query, query, depth),
  );
  const vectorOf = (query: number) => queries.subarray(query * index.dims, (query + 1) * index.dims);
  while (short.length > 0) {
    depth *= GROWTH;
    const atOnce = Math.max(1, Math.floor(MOST_HITS / depth));
    const shorter: number[] = [];
    for (let from = 0; from < short.length; from += atOnce) {
      const some = short.slice(from, from + atOnce);
      const asked = new Float32Array(some.length * index.dims);
      for (const [i, query] of some.entries()) asked.set(vectorOf(query), i * index.dims);
      const found = await index.searchBatch(library, asked, depth);
      shorter.push(...some.filter((query, i) => left.take(found, i, query, depth)));
    }
    short = shorter;
  }
  return left.all;
}

export function excluding(index: IndexReader, ids: readonly string[]): IndexReader {
  if (ids.length === 0) return index;
  const excluded = new Set(ids);
  return {
    model: index.model,
    dims: index.dims,
    getReference: (library, id) => index.getReference(library, id),
    findByPackets: async (library, packetsSha256) =>
      (await index.findByPackets(library, packetsSha256)).filter(({ id }) => !excluded.has(id)),
    searchBatch: (library, queries, perQuery) =>
      searchWithout(index, { library, queries, perQuery }, excluded),
    descriptorsOf: (library, wanted) => index.descriptorsOf(library, wanted),
  };
}
