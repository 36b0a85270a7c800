// References ─▶ their entries in every generation, and their kept originals.

import { lookUpEntries } from "../backend-client/maintenance.ts";
import { isS3Address } from "../ingest/s3-address.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { findReference } from "../references/index.ts";
import { withFound } from "./differences.ts";
import { noteAvailability } from "./entry-availability.ts";
import type { Page, ReconcileState } from "./reconcile-state.ts";
import { repairRows } from "./repair-rows.ts";
import { forgetObjectKey } from "./store/reference-repair.ts";
import { keyText, readyReferencesAfter, type WalkedReference } from "./store/reference-walk.ts";
import type { Turn } from "./turn.ts";

const PAGE = 50;
/** Of the object store at once. */
const HEADS = 5;

/** Those that are still what was read: a reference may have been deleted before its entry was asked for. */
async function stillThere({ bindings }: RequestContext, rows: readonly WalkedReference[]) {
  const now = await Promise.all(rows.map((row) => findReference(bindings.DB, row)));
  return rows.filter((row, i) => now[i]?.status === "ready" && now[i].job_id === row.job_id);
}

async function inGeneration(
  turn: Turn,
  before: ReconcileState,
  generation: string,
  rows: readonly WalkedReference[],
  repair: boolean,
): Promise<ReconcileState> {
  const { context } = turn;
  const entries = await lookUpEntries(context.config, generation, rows);
  if (repair) await noteAvailability(context, rows, entries);
  const jobs = new Map(rows.map((row, i) => [row, entries[i]?.job_id ?? null]));
  const isWrong = (row: WalkedReference) => jobs.get(row) !== row.job_id;
  const wrong = await stillThere(context, rows.filter(isWrong));
  const others = wrong.filter((row) => jobs.get(row) !== null);
  const absent = wrong.filter((row) => jobs.get(row) === null);
  const named = (some: readonly WalkedReference[]) => some.map((row) => `${generation}: ${keyText(row)}`);
  const noted = before.noted[generation] ?? { others: named(others), absent: named(absent), left: 0 };
  const state = { ...before, noted: { ...before.noted, [generation]: noted } };
  const isLive = generation === state.live;
  // What a generation beside the live one lacks, re_embed fills.
  const mended = isLive ? wrong : others;
  if (!repair || mended.length === 0) return state;
  await turn.save(state);
  const { failed, left } = await repairRows(turn, { generation, isLive, rows: mended, jobs });
  return {
    ...state,
    failed: state.failed + failed,
    noted: { ...state.noted, [generation]: { ...noted, left } },
  };
}

/** What a page's generations have shown, counted once. What is left lacks its entry still. */
function counted({ noted, ...state }: ReconcileState, repair: boolean): ReconcileState {
  let { differences, beside } = state;
  for (const [generation, { others, absent, left }] of Object.entries(noted)) {
    const repaired = (some: readonly string[], less: number) => (repair ? some.length - less : 0);
    differences = withFound(differences, "entry_of_another_job", others, repaired(others, 0));
    if (generation === state.live) {
      differences = withFound(differences, "row_without_entry", absent, repaired(absent, left));
    } else {
      beside = { ...beside, [generation]: (beside[generation] ?? 0) + absent.length };
    }
  }
  return { ...state, differences, beside, noted: {} };
}

/** Rows whose kept original is not there any more. */
async function withoutObject({ bindings }: RequestContext, rows: readonly WalkedReference[]) {
  const gone: WalkedReference[] = [];
  const waiting = rows.filter(({ object_key }) => object_key !== null && !isS3Address(object_key));
  const lane = async () => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      if ((await bindings.OBJECTS.head(row.object_key!)) === null) gone.push(row);
    }
  };
  await Promise.all(Array.from({ length: HEADS }, lane));
  return gone;
}

export const reconcileRows: Page = async (turn, state, repair) => {
  const { context } = turn;
  const rows = await readyReferencesAfter(context.bindings.DB, state.after, PAGE);
  const last = rows.at(-1);
  if (last === undefined) return { ...state, stage: "entries", after: null };
  let next = state;
  for (const generation of state.generations) {
    next = await inGeneration(turn, next, generation, rows, repair);
  }
  next = counted(next, repair);
  const gone = await stillThere(context, await withoutObject(context, rows));
  if (repair) {
    for (const row of gone) await forgetObjectKey(context.bindings.DB, row, row.job_id, row.object_key!);
  }
  const { tenant, library, id } = last;
  const names = gone.map(keyText);
  return {
    ...next,
    after: { tenant, library, id },
    references: state.references + rows.length,
    differences: withFound(next.differences, "row_whose_object_is_gone", names, repair ? names.length : 0),
  };
};
