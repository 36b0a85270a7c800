// Generations of the index: all references as one model describes them. One answers, the others stand beside it.

import {
  type AdminIndex,
  type IndexOverview,
  MOST_ENTRIES,
  MOST_LIBRARIES_COUNTED,
  type SwitchGeneration,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { generationOf, indexOverview, lookUpEntries, switchLive } from "../clients/maintenance.ts";
import type { Services } from "../services.ts";
import { raiseIndexEpoch } from "../stores/epochs.ts";
import {
  countByLibrary,
  countReady,
  countReferences,
  readyReferencesAfter,
  type WalkedReference,
} from "../stores/reference-walk.ts";
import { refuseWhileFilling } from "./in-the-way.ts";

/** Beyond so many, the counts of both sides are compared: a request cannot look at every one. */
const LOOKED_UP = 20_000;

export async function readIndex({ config, bindings }: Services): Promise<AdminIndex> {
  const [overview, references, libraries] = await Promise.all([
    indexOverview(config),
    countReferences(bindings.DB),
    countByLibrary(bindings.DB, MOST_LIBRARIES_COUNTED + 1),
  ]);
  const truncated = libraries.length > MOST_LIBRARIES_COUNTED;
  const edge = { references, libraries: libraries.slice(0, MOST_LIBRARIES_COUNTED), truncated };
  return { ...overview, edge };
}

/** Ready references that a generation lacks. */
async function missingIn({ config, bindings }: Services, overview: IndexOverview, name: string) {
  const ready = await countReady(bindings.DB);
  if (ready > LOOKED_UP) {
    return { ready, missing: Math.max(0, ready - generationOf(overview, name).references) };
  }
  let missing = 0;
  for (let after: WalkedReference | null = null; ; ) {
    const rows: WalkedReference[] = await readyReferencesAfter(bindings.DB, after, MOST_ENTRIES);
    if (rows.length === 0) return { ready, missing };
    const entries = await lookUpEntries(config, name, rows);
    missing += rows.filter((row, i) => entries[i]?.job_id !== row.job_id).length;
    after = rows.at(-1)!;
  }
}

/** Has another generation answer, or a former one again. Problems: `generation_not_found`, `generation_incomplete`. */
export async function switchGeneration(
  services: Services,
  { name, allow_incomplete }: SwitchGeneration,
): Promise<AdminIndex> {
  const { config, bindings } = services;
  await refuseWhileFilling(bindings.DB);
  const overview = await indexOverview(config);
  const { model } = generationOf(overview, name);
  if (!allow_incomplete) {
    const { ready, missing } = await missingIn(services, overview, name);
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
  return readIndex(services);
}
