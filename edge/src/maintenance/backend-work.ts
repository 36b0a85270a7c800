// Jobs whose work is the backend's: asked for, followed and, when a turn or a backend was lost, asked for again.

import type { MaintenanceRequest, MaintenanceResult } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import {
  generationOf,
  indexOverview,
  listSnapshots,
  maintain,
  stopMaintenance,
} from "../backend-client/maintenance.ts";
import { raiseIndexEpoch } from "../libraries/index.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { missingIn } from "./generations.ts";
import { settleIndex } from "./settle-index.ts";
import type { MaintenanceJobRow } from "./store/maintenance-jobs.ts";
import type { Turn, Work } from "./turn.ts";

/** In hundredths: nobody needs more than a bar. */
const TOTAL = 100;
const IN_BACKEND = ["optimise", "snapshot", "restore", "compare"];

type Asked = { request: MaintenanceRequest };

/** What is asked is settled once, in the first turn: asked again, it must be the same. */
async function inBackend(
  turn: Turn<Asked>,
  settle: () => Promise<MaintenanceRequest>,
): Promise<MaintenanceResult> {
  const state = turn.saved ?? { request: await settle() };
  const progress = (fraction: number) => ({
    done: Math.round(fraction * TOTAL),
    total: TOTAL,
    stage: state.request.kind,
  });
  if (turn.saved === null) await turn.save(state, progress(0));
  let saved = 0;
  const onProgress = async (fraction: number) => {
    const done = Math.round(fraction * TOTAL);
    if (done === saved) return;
    saved = done;
    await turn.save(state, progress(fraction));
  };
  return maintain(turn.context.config, turn.job.id, state.request, onProgress, turn.signal);
}

export const optimise: Work<"optimise"> = (turn) => inBackend(turn, async () => ({ kind: "optimise" }));

export const snapshot: Work<"snapshot"> = (turn, { generation }) =>
  inBackend(turn, async () => {
    const overview = await indexOverview(turn.context.config);
    const { name } = generationOf(overview, generation ?? overview.live);
    // Of the job's own id, so that a lost turn does not make a second one.
    return { kind: "snapshot", snapshot: turn.job.id.replace(/^mnt_/, "snp_"), generation: name };
  });

export const restore: Work<"restore"> = async (turn, { snapshot: id, generation }) => {
  const { config, bindings } = turn.context;
  const result = await inBackend(turn, async () => {
    const found = (await listSnapshots(config)).find((one) => one.id === id);
    if (found === undefined) {
      throw new ProblemError(
        "snapshot_not_found",
        `There is no snapshot "${id}". See GET /v1/admin/index/snapshots.`,
      );
    }
    const { name } = generationOf(await indexOverview(config), generation ?? found.generation);
    return { kind: "restore", snapshot: id, generation: name };
  });
  await raiseIndexEpoch(bindings.DB);
  await settleIfWhole(turn.context);
  return result;
};

/**
 * What was restored is nobody's, and answers nothing. Where it has all references, it is this installation's again
 * at once; else a reconciliation makes it so.
 */
async function settleIfWhole(context: RequestContext): Promise<void> {
  const overview = await indexOverview(context.config);
  if (overview.installation !== null) return;
  const { missing, compared } = await missingIn(context, overview, overview.live);
  if (missing === 0 && compared) await settleIndex(context, { acceptMissing: false }, overview);
}

export const compareGenerations: Work<"compare"> = (turn, { generation, with: other, sample }) =>
  inBackend(turn, async () => {
    const overview = await indexOverview(turn.context.config);
    return {
      kind: "compare",
      generation: generationOf(overview, generation).name,
      with: generationOf(overview, other).name,
      sample,
    };
  });

/** Of a job that is cancelled. What the backend has finished by then stays. */
export async function stopInBackend(
  { config, bindings }: RequestContext,
  job: MaintenanceJobRow,
): Promise<void> {
  if (!IN_BACKEND.includes(job.kind)) return;
  await stopMaintenance(config, job.id).catch((error) =>
    logFailure("work could not be stopped", { job_id: job.id }, error),
  );
  if (job.kind === "restore") await raiseIndexEpoch(bindings.DB);
}
