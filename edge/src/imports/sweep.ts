import type { SweepTimes } from "../platform/queue/sweep-times.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { deleteOldImports, touchStaleImports } from "./store/imports.ts";

const IMPORT_LIFE_MS = 90 * 24 * 3600_000;
/** Each with up to ten thousand lines. */
const MAX_OLD_IMPORTS = 5;

/** Queues imports that nobody works on any more, and deletes old ones; how many were queued. */
export async function sweepImports(
  { bindings: { DB, JOBS } }: RequestContext,
  { nowMs, nowIso, stuckIso }: SweepTimes,
): Promise<number> {
  const stale = await touchStaleImports(DB, stuckIso, nowIso);
  for (const { id, tenant, turn } of stale) await JOBS.send({ type: "import", import_id: id, tenant, turn });
  await deleteOldImports(DB, new Date(nowMs - IMPORT_LIFE_MS).toISOString(), MAX_OLD_IMPORTS);
  return stale.length;
}
