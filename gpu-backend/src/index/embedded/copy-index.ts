// Copies of index files, each verified before it is used.

import { WorkerPort } from "../../worker-port.ts";
import type { StoreWork } from "../index-store.ts";
import type { Filed } from "./catalogue.ts";
import { type KeptSnapshot, sha256OfFile } from "./snapshot-files.ts";
import type { CheckedFile } from "./snapshot-worker.ts";
import { damaged } from "./store-problems.ts";

type Identity = Pick<Filed, "model" | "dims">;

async function withWorker<T>(work: (worker: WorkerPort) => Promise<T>): Promise<T> {
  const worker = new WorkerPort(new URL("./snapshot-worker.ts", import.meta.url), null);
  try {
    return await work(worker);
  } finally {
    await worker.close();
  }
}

/** Progress within a part of the whole. */
function part(from: number, to: number, { onProgress, signal }: StoreWork): StoreWork {
  return {
    ...(signal ? { signal } : {}),
    onProgress: (fraction) => onProgress?.(from + (to - from) * fraction),
  };
}

/** A consistent copy of an index that is at work. */
export async function copyIndex(
  from: string,
  draft: string,
  identity: Identity,
  work: StoreWork,
): Promise<{ references: number; sha256: string }> {
  const { references } = await withWorker(async (worker) => {
    await worker.call("copy", { from, to: draft });
    work.onProgress?.(0.5);
    work.signal?.throwIfAborted();
    return (await worker.call("check", { file: draft, ...identity })) as CheckedFile;
  });
  return { references, sha256: await sha256OfFile(draft, part(0.7, 0.95, work)) };
}

/** Copies a snapshot to a new file, verifies it, and unclaims it. Throws `snapshot_damaged`. */
export async function copySnapshot(
  snapshot: KeptSnapshot,
  to: string,
  identity: Identity,
  work: StoreWork,
): Promise<void> {
  const sha256 = await sha256OfFile(snapshot.file, part(0, 0.6, work), to).catch((error: unknown) => {
    throw (error as { code?: string }).code === "ENOENT" ? damaged("its file is missing") : error;
  });
  if (sha256 !== snapshot.sha256) throw damaged("its bytes are not those that were written");
  await withWorker(async (worker) => {
    await worker.call("check", { file: to, ...identity }).catch((error: unknown) => {
      throw damaged(error instanceof Error ? error.message : String(error));
    });
    await worker.call("release", { file: to });
  });
  work.onProgress?.(0.8);
}
