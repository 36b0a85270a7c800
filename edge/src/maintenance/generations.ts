// Generations of the index: all references as one model describes them. One answers, the others stand beside it.

import {
  type AdminIndex,
  type AdoptIndex,
  type IndexOverview,
  MOST_ENTRIES,
  MOST_LIBRARIES_COUNTED,
  type SwitchGeneration,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { installationOf } from "../backend-client/index-identity.ts";
import { generationOf, indexOverview, lookUpEntries, switchLive } from "../backend-client/maintenance.ts";
import { raiseIndexEpoch } from "../libraries/index.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { requireConfirmation } from "./confirm.ts";
import { noteAvailability } from "./entry-availability.ts";
import { refuseWhileFilling } from "./job-conflicts.ts";
import { nameOfOwner, settleIndex } from "./settle-index.ts";
import {
  countByLibrary,
  countReady,
  countReferences,
  readyReferencesAfter,
  type WalkedReference,
} from "./store/reference-walk.ts";

/** Beyond so many, the counts of both sides are compared: a request cannot look at every one. */
const LOOKED_UP = 20_000;

export async function readIndex(context: RequestContext): Promise<AdminIndex> {
  const { config, bindings } = context;
  const [overview, installation, references, libraries] = await Promise.all([
    indexOverview(config),
    installationOf(context),
    countReferences(bindings.DB),
    countByLibrary(bindings.DB, MOST_LIBRARIES_COUNTED + 1),
  ]);
  const truncated = libraries.length > MOST_LIBRARIES_COUNTED;
  const edge = { installation, references, libraries: libraries.slice(0, MOST_LIBRARIES_COUNTED), truncated };
  return { ...overview, edge };
}

/** Ready references that a generation lacks; `compared` where each one was looked up. */
export async function missingIn(context: RequestContext, overview: IndexOverview, name: string) {
  const { config, bindings } = context;
  const ready = await countReady(bindings.DB);
  if (ready > LOOKED_UP) {
    const missing = Math.max(0, ready - generationOf(overview, name).references);
    return { ready, missing, compared: false };
  }
  let missing = 0;
  for (let after: WalkedReference | null = null; ; ) {
    const rows: WalkedReference[] = await readyReferencesAfter(bindings.DB, after, MOST_ENTRIES);
    if (rows.length === 0) return { ready, missing, compared: true };
    const entries = await lookUpEntries(config, name, rows);
    missing += rows.filter((row, i) => entries[i]?.job_id !== row.job_id).length;
    await noteAvailability(context, rows, entries);
    after = rows.at(-1)!;
  }
}

/** Has another generation answer, or a former one again. Problems: `generation_not_found`, `generation_incomplete`. */
export async function switchGeneration(
  context: RequestContext,
  { name, allow_incomplete }: SwitchGeneration,
): Promise<AdminIndex> {
  const { config, bindings } = context;
  await refuseWhileFilling(bindings.DB);
  const overview = await indexOverview(config);
  const { model } = generationOf(overview, name);
  if (!allow_incomplete) {
    const { ready, missing } = await missingIn(context, overview, name);
    if (missing > 0) {
      throw new ProblemError(
        "generation_incomplete",
        `"${name}" lacks ${missing} of ${ready} references; copies of them would be missed. Fill it with a job ` +
          `{"kind": "re_embed", "generation": "${name}"}, or send "allow_incomplete": true.`,
      );
    }
  }
  // Before: from here on only verdicts of the new model are cached. After: for those of the same model, too.
  await raiseIndexEpoch(bindings.DB, model);
  try {
    await switchLive(config, name);
  } catch (error) {
    await raiseIndexEpoch(bindings.DB, generationOf(overview, overview.live).model);
    throw error;
  }
  await raiseIndexEpoch(bindings.DB, model);
  await settleIndex(context, { acceptMissing: allow_incomplete });
  return readIndex(context);
}

/**
 * Makes the index this installation's as it is. Problems: `confirmation_missing`, and `generation_incomplete` where
 * it lacks references, unless that is accepted.
 */
export async function adoptIndex(
  context: RequestContext,
  { confirm, accept_missing }: AdoptIndex,
): Promise<AdminIndex> {
  const { config, bindings } = context;
  await refuseWhileFilling(bindings.DB);
  const overview = await indexOverview(config);
  const owner = nameOfOwner(overview.installation);
  requireConfirmation(confirm, owner);
  if (!accept_missing) {
    const { ready, missing, compared } = await missingIn(context, overview, overview.live);
    if (missing > 0 || !compared) {
      const lacks = compared
        ? `lacks ${missing} of ${ready} references`
        : `was not compared with ${ready} references`;
      const adopt = overview.installation === null ? "" : `, "adopt": "${owner}"`;
      throw new ProblemError(
        "generation_incomplete",
        `The index ${lacks}; copies of what it lacks would be missed. Rebuild it with a job ` +
          `{"kind": "reconcile", "repair": true${adopt}}, or send "accept_missing": true.`,
      );
    }
  }
  await settleIndex(context, { acceptMissing: accept_missing }, overview);
  await raiseIndexEpoch(bindings.DB);
  return readIndex(context);
}
