// An index as if some references were not in it: for a library whose owner has disabled them, so that they
// neither stand in a verdict nor take the place of others.

import type { FrameHits, VectorIndex } from "./vector-index.ts";

/** Of each query's nearest frames, this many times as many are looked at, to make up for what is left out. */
const SPARE = 2;

function without(hits: FrameHits, perQuery: number, excluded: ReadonlySet<string>): FrameHits {
  const queries = hits.perQuery === 0 ? 0 : hits.reference.length / hits.perQuery;
  const kept = {
    perQuery,
    referenceIds: hits.referenceIds,
    reference: new Int32Array(queries * perQuery).fill(-1),
    frame: new Int32Array(queries * perQuery),
    similarity: new Float32Array(queries * perQuery),
  };
  for (let query = 0; query < queries; query++) {
    let to = query * perQuery;
    const from = query * hits.perQuery;
    for (let at = from; at < from + hits.perQuery && to < (query + 1) * perQuery; at++) {
      const reference = hits.reference[at] as number;
      if (reference < 0 || excluded.has(hits.referenceIds[reference] as string)) continue;
      kept.reference[to] = reference;
      kept.frame[to] = hits.frame[at] as number;
      kept.similarity[to] = hits.similarity[at] as number;
      to++;
    }
  }
  return kept;
}

export function excluding(index: VectorIndex, ids: readonly string[]): VectorIndex {
  if (ids.length === 0) return index;
  const excluded = new Set(ids);
  return {
    model: index.model,
    dims: index.dims,
    isShared: index.isShared,
    upsertReference: (entry) => index.upsertReference(entry),
    deleteReference: (library, id, jobId) => index.deleteReference(library, id, jobId),
    getReference: (library, id) => index.getReference(library, id),
    findByPackets: async (library, packetsSha256) =>
      (await index.findByPackets(library, packetsSha256)).filter(({ id }) => !excluded.has(id)),
    searchBatch: async (library, queries, perQuery) =>
      without(await index.searchBatch(library, queries, perQuery * SPARE), perQuery, excluded),
    descriptorsOf: (library, wanted) => index.descriptorsOf(library, wanted),
    stats: () => index.stats(),
    libraries: () => index.libraries(),
    listReferences: (after, limit) => index.listReferences(after, limit),
    deleteTenant: (tenant) => index.deleteTenant(tenant),
    snapshot: (file) => index.snapshot(file),
    optimise: () => index.optimise(),
    close: () => index.close(),
  };
}
