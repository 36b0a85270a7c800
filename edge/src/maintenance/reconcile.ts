// Reconciles the edge's rows, the index's entries and the stored objects: walks over each of them, page by page,
// and compares it with the others. What is in flight is left alone: claims, what is being deleted, young objects.
// With `repair` each page is put right before the next one is looked at.

import type { ReconcileResult } from "@twinframe/shared/contract";
import { assignIndex, indexOverview } from "../backend-client/maintenance.ts";
import { noDifferences } from "./differences.ts";
import { reconcileEntries } from "./reconcile-entries.ts";
import { PREFIXES, reconcileObjects } from "./reconcile-objects.ts";
import { reconcileRows } from "./reconcile-rows.ts";
import type { Page, ReconcileState } from "./reconcile-state.ts";
import { requireOwnIndex, settleIndex } from "./settle-index.ts";
import { countReady } from "./store/reference-walk.ts";
import type { Turn, Work } from "./turn.ts";

const PAGES: Record<Exclude<ReconcileState["stage"], "end">, Page> = {
  rows: reconcileRows,
  entries: reconcileEntries,
  objects: reconcileObjects,
};

async function begin({ context }: Turn, adopt: string | undefined): Promise<ReconcileState> {
  const overview = await indexOverview(context.config);
  const { live, generations } = overview;
  // Nobody's until it has been compared.
  if (adopt !== undefined && adopt === overview.installation)
    await assignIndex(context.config, { installation: null, replaces: adopt });
  else await requireOwnIndex(context, overview);
  const others = generations.map(({ name }) => name).filter((name) => name !== live);
  const beside = others.map((name) => [name, 0]);
  return {
    // The live one first: the others take only what that one has.
    stage: "rows",
    after: null,
    cursor: null,
    at: 0,
    live,
    generations: [live, ...others],
    total: await countReady(context.bindings.DB),
    references: 0,
    entries: 0,
    objects: 0,
    failed: 0,
    noted: {},
    beside: Object.fromEntries(beside),
    differences: noDifferences(),
  };
}

const seenIn = (state: ReconcileState) =>
  state.stage === "rows" ? state.references : state.stage === "entries" ? state.entries : state.objects;

function stageText({ stage, at, generations }: ReconcileState): string {
  if (stage === "entries") return `entries of ${generations[at]}`;
  return stage === "objects" ? `objects under ${PREFIXES[at]}` : stage;
}

export const reconcile: Work<"reconcile"> = async (turn: Turn<ReconcileState>, { repair, adopt }) => {
  let state = turn.saved ?? (await begin(turn, adopt));
  for (;;) {
    const total = state.stage === "rows" ? Math.max(state.total, state.references) : null;
    await turn.save(state, { done: seenIn(state), total, stage: stageText(state) });
    if (state.stage === "end") {
      if (isWhole(state)) await settleIndex(turn.context, { acceptMissing: false });
      return resultOf(state, repair);
    }
    state = await PAGES[state.stage](turn, state, repair);
  }
};

/** Every reference has its own entry in the live generation: from now on the index is the one that is expected. */
const isWhole = ({
  differences: { row_without_entry: lacked, entry_of_another_job: wrong },
}: ReconcileState) => lacked.found === lacked.repaired && wrong.found === wrong.repaired;

const resultOf = (state: ReconcileState, repair: boolean): ReconcileResult => ({
  kind: "reconcile",
  repair,
  references: state.references,
  entries: state.entries,
  objects: state.objects,
  differences: state.differences,
  failed: state.failed,
  beside: Object.entries(state.beside).map(([generation, missing]) => ({ generation, missing })),
});
