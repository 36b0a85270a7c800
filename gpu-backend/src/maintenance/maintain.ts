// Long maintenance jobs, from request to result. Each kind is idempotent by job, also after a restart.

import type { MaintenanceRequest, MaintenanceResult } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { Generations } from "../generations/generations.ts";
import type { StoreWork } from "../index/index-store.ts";
import { type RunTask, TaskRegistry } from "../work/task-registry.ts";
import { compareGenerations } from "./compare-generations.ts";
import { snapshotView } from "./overview.ts";

type RequestOf<Kind extends MaintenanceRequest["kind"]> = Extract<MaintenanceRequest, { kind: Kind }>;
type Watched = Required<Omit<StoreWork, "jobId">>;

const KEEP_ENDED_MS = 10 * 60_000;

export class Maintenance extends TaskRegistry<MaintenanceRequest, MaintenanceResult> {
  constructor(
    run: RunTask<MaintenanceRequest, MaintenanceResult>,
    onFailure: (id: string, error: unknown) => void,
  ) {
    super(run, onFailure, {
      identityOf: (request) => JSON.stringify(request),
      keepEndedMs: KEEP_ENDED_MS,
      forgetDelivered: false,
      firstStage: "index",
    });
  }
}

export function maintenanceRunner(generations: Generations): RunTask<MaintenanceRequest, MaintenanceResult> {
  return async (jobId, request, reportProgress, signal) => {
    const onProgress = (fraction: number) => reportProgress("index", Math.min(1, fraction));
    switch (request.kind) {
      case "optimise":
        return optimise(generations, { onProgress, signal });
      case "snapshot":
        return takeSnapshot(generations, request, { jobId, onProgress, signal });
      case "restore":
        return restore(generations, request, { jobId, onProgress, signal });
      case "compare":
        return compareGenerations(generations, request, { onProgress, signal });
    }
  };
}

/** One generation after the other; it may be stopped between them. */
async function optimise(
  generations: Generations,
  { onProgress, signal }: Watched,
): Promise<MaintenanceResult> {
  const all = await generations.list({ fresh: true });
  const indexes = await Promise.all(all.map((generation) => generations.indexOf(generation)));
  const storedBytes = async () =>
    (await Promise.all(indexes.map((index) => index.stats()))).reduce((sum, one) => sum + one.storedBytes, 0);
  const before = await storedBytes();
  for (const [i, index] of indexes.entries()) {
    signal.throwIfAborted();
    await index.optimise();
    onProgress((i + 1) / indexes.length);
  }
  return { kind: "optimise", bytes_before: before, bytes_after: await storedBytes() };
}

async function takeSnapshot(
  { indexStore }: Generations,
  { snapshot, generation }: RequestOf<"snapshot">,
  work: StoreWork,
): Promise<MaintenanceResult> {
  return {
    kind: "snapshot",
    snapshot: snapshotView(await indexStore.takeSnapshot(snapshot, generation, work)),
  };
}

/** Restores the snapshot's content and nothing that was written later: the edge finds what is missing, and adds it. */
async function restore(
  generations: Generations,
  { snapshot, generation }: RequestOf<"restore">,
  work: StoreWork,
): Promise<MaintenanceResult> {
  const { indexStore } = generations;
  await indexStore.restoreSnapshot(snapshot, generation, work);
  const info = (await indexStore.snapshots()).find(({ id }) => id === snapshot);
  const restored = (await generations.list({ fresh: true })).find(({ name }) => name === generation);
  if (!info || !restored)
    throw new ProblemError("snapshot_not_found", "It was restored, and the snapshot deleted since.");
  const { references } = await (await generations.indexOf(restored)).stats();
  return { kind: "restore", snapshot: snapshotView(info), references };
}
