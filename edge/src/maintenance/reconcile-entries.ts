// Entries of every generation ─▶ the references that they stand for.

import { forgetReference } from "../backend-client/entries.ts";
import { entriesAfter } from "../backend-client/maintenance.ts";
import { withFound } from "./differences.ts";
import type { Page } from "./reconcile-state.ts";
import { keyText, knownKeys } from "./store/reference-walk.ts";

const PAGE = 200;

export const reconcileEntries: Page = async ({ context }, state, repair) => {
  const generation = state.generations[state.at];
  if (generation === undefined) return { ...state, stage: "objects", at: 0, cursor: null };
  const { entries, next } = await entriesAfter(context.config, generation, state.cursor, PAGE);
  // Afterwards: a row is written before its entry, and goes before it, among those that are being deleted.
  const known = await knownKeys(context.bindings.DB, entries);
  const orphans = entries.filter((entry) => !known.has(keyText(entry)));
  if (repair) {
    for (const entry of orphans) await forgetReference(context, entry, entry.job_id);
  }
  const named = orphans.map((entry) => `${generation}: ${keyText(entry)}`);
  return {
    ...state,
    ...(next === null ? { at: state.at + 1, cursor: null } : { cursor: next }),
    entries: state.entries + entries.length,
    differences: withFound(state.differences, "entry_without_row", named, repair ? named.length : 0),
  };
};
