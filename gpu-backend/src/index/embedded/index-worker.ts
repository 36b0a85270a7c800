// The embedded index's thread: SQLite below, the libraries' matrices in memory above. It does one operation
// at a time, so a search sees a reference wholly or not at all.

import { workerData } from "node:worker_threads";
import type { ModelIdentity } from "@twinframe/shared/contract";
import { serveOperations } from "../../worker-operations.ts";
import type { FrameTrack } from "../frame-track.ts";
import { type EntryPosition, isOut, type ReferenceEntry } from "../reference-record.ts";
import type { IndexStats, LibraryEpoch, LibraryStanding, LibraryStats } from "../vector-index.ts";
import { sayingDiskFull } from "./disk-full.ts";
import { ExactSearch } from "./exact-search.ts";
import { LibraryMatrix } from "./library-matrix.ts";
import { ReferenceStore } from "./reference-store.ts";

export interface IndexWorkerData {
  file: string;
  model: ModelIdentity;
  dims: number;
  maxBytes: number;
}

const { file, model, dims, maxBytes } = workerData as IndexWorkerData;
const libraries = new Map<string, LibraryMatrix>();
let store: ReferenceStore;
let search: ExactSearch;

function matrixOf(library: string): LibraryMatrix {
  let matrix = libraries.get(library);
  if (!matrix) {
    matrix = new LibraryMatrix(dims);
    libraries.set(library, matrix);
  }
  return matrix;
}

function stats(): IndexStats {
  const total = { kind: "embedded", references: 0, frames: 0, bytes: 0, storedBytes: store.bytes };
  for (const matrix of libraries.values()) {
    total.references += matrix.references;
    total.frames += matrix.frames;
    total.bytes += matrix.bytes;
  }
  return total;
}

function libraryStats(): LibraryStats[] {
  return [...libraries]
    .filter(([, { references }]) => references > 0)
    .map(([library, { references, frames, bytes }]) => ({ library, references, frames, bytes }))
    .sort((a, b) => (a.library < b.library ? -1 : 1));
}

function deleteTenant(tenant: string): number {
  const deleted = sayingDiskFull(() => store.deleteTenant(tenant));
  for (const library of libraries.keys()) if (library.startsWith(`${tenant}/`)) libraries.delete(library);
  return deleted;
}

function bytesWith(entry: ReferenceEntry): number {
  const matrix = libraries.get(entry.library) ?? new LibraryMatrix(dims);
  return stats().bytes + matrix.growthFor(entry.track.startS.length);
}

function upsert(entry: ReferenceEntry): void {
  if (bytesWith(entry) > maxBytes) for (const matrix of libraries.values()) matrix.compact();
  if (bytesWith(entry) > maxBytes)
    throw Object.assign(
      new Error(
        `the embedded index may hold ${maxBytes} bytes of vectors and is full: raise TWINFRAME_INDEX_MAX_BYTES, or move the library to Qdrant`,
      ),
      { code: "index_full" },
    );
  // Durable first: memory never shows what a crash would lose.
  const { codes, availability } = sayingDiskFull(() => store.upsert(entry));
  matrixOf(entry.library).put(entry.id, codes, isOut(availability));
}

interface Availability {
  library: string;
  id: string;
  jobId: string;
  availability: number;
}

function setAvailability({ library, id, jobId, availability }: Availability): void {
  const counts = sayingDiskFull(() => store.setAvailability(library, id, jobId, availability));
  if (counts) matrixOf(library).setOut(id, isOut(availability));
}

function standing(library: string): LibraryStanding {
  const { epochs } = store;
  const references = libraries.get(library)?.references ?? 0;
  return { installation: epochs.installation, epoch: epochs.of(library), references };
}

serveOperations({
  open: async () => {
    store = new ReferenceStore(file, model, dims);
    search = await ExactSearch.start(dims);
    for (const { library, id, codes, availability } of store.codes())
      matrixOf(library).put(id, codes, isOut(availability));
    return { output: stats() };
  },
  upsert: (entry: ReferenceEntry) => ({ output: upsert(entry) }),
  delete: ({ library, id, jobId }: { library: string; id: string; jobId?: string }) => {
    const deleted = sayingDiskFull(() => store.delete(library, id, jobId));
    if (deleted) matrixOf(library).remove(id);
    return { output: deleted };
  },
  setAvailability: (change: Availability) => ({ output: setAvailability(change) }),
  installation: () => ({ output: store.epochs.installation }),
  standing: ({ library }: { library: string }) => ({ output: standing(library) }),
  assignTo: ({ installation }: { installation: string | null }) => ({
    output: sayingDiskFull(() => {
      store.epochs.installation = installation;
    }),
  }),
  epochs: () => ({ output: store.epochs.all() }),
  raiseEpochs: ({ epochs }: { epochs: LibraryEpoch[] }) => ({
    output: sayingDiskFull(() => store.epochs.raiseTo(epochs)),
  }),
  get: ({ library, id }: { library: string; id: string }) => ({ output: store.get(library, id) }),
  findByPackets: ({ library, packetsSha256 }: { library: string; packetsSha256: string }) => ({
    output: store.findByPackets(library, packetsSha256),
  }),
  search: async (input: { library: string; queries: Float32Array; perQuery: number }) => {
    const hits = await search.run(matrixOf(input.library), input.queries, input.perQuery);
    const transfer = [hits.reference.buffer, hits.frame.buffer, hits.similarity.buffer] as ArrayBuffer[];
    return { output: hits, transfer };
  },
  descriptors: ({ library, ids }: { library: string; ids: string[] }) => {
    const tracks = new Map<string, FrameTrack>();
    for (const id of ids) {
      const track = store.track(library, id);
      if (track) tracks.set(id, track);
    }
    const buffers = [...tracks.values()].flatMap(({ vectors, startS, endS }) => [vectors, startS, endS]);
    return { output: tracks, transfer: buffers.map((floats) => floats.buffer as ArrayBuffer) };
  },
  stats: () => ({ output: stats() }),
  libraries: () => ({ output: libraryStats() }),
  list: ({ after, limit }: { after: EntryPosition | null; limit: number }) => ({
    output: store
      .list(after, limit)
      .map((record) => ({ ...record, frames: matrixOf(record.library).framesOf(record.id) })),
  }),
  deleteTenant: ({ tenant }: { tenant: string }) => ({ output: deleteTenant(tenant) }),
  optimise: () => {
    for (const matrix of libraries.values()) matrix.compact();
    return { output: sayingDiskFull(() => store.compact()) };
  },
  close: () => ({ output: store.close() }),
});
