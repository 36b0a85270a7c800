// Stored objects ─▶ the rows that name them.

import { EXPLANATIONS_PREFIX } from "../checks/index.ts";
import { ANSWERS_PREFIX } from "../idempotency/answers.ts";
import { UPLOADS_PREFIX } from "../ingest/drop-object.ts";
import { withFound } from "./differences.ts";
import type { Page } from "./reconcile-state.ts";
import { knownChecks, ownedObjects } from "./store/object-owners.ts";

export const PREFIXES = ["references/", UPLOADS_PREFIX, "intake/", EXPLANATIONS_PREFIX, ANSWERS_PREFIX];
const PAGE = 200;
/** What is younger may belong to a request that has not written its row yet, or is still to be deleted. */
const YOUNG_MS = 3600_000;

/** Of these keys under one prefix, those that somebody still needs. */
async function needed(db: D1Database, prefix: string, keys: readonly string[]): Promise<Set<string>> {
  if (prefix !== EXPLANATIONS_PREFIX) return ownedObjects(db, keys);
  const checkOf = (key: string) => key.slice(prefix.length).split("/")[0]!;
  const known = await knownChecks(db, keys.map(checkOf));
  return new Set(keys.filter((key) => known.has(checkOf(key))));
}

export const reconcileObjects: Page = async ({ context }, state, repair) => {
  const { DB, OBJECTS } = context.bindings;
  const prefix = PREFIXES[state.at];
  if (prefix === undefined) return { ...state, stage: "end", cursor: null };
  const at = state.cursor === null ? {} : { cursor: state.cursor };
  const listed = await OBJECTS.list({ prefix, limit: PAGE, ...at });
  const oldMs = Date.now() - YOUNG_MS;
  const old = listed.objects.filter(({ uploaded }) => uploaded.getTime() < oldMs).map(({ key }) => key);
  const named = await needed(DB, prefix, old);
  const orphans = old.filter((key) => !named.has(key));
  if (repair && orphans.length > 0) await OBJECTS.delete(orphans);
  return {
    ...state,
    ...(listed.truncated ? { cursor: listed.cursor } : { at: state.at + 1, cursor: null }),
    objects: state.objects + listed.objects.length,
    differences: withFound(state.differences, "object_without_row", orphans, repair ? orphans.length : 0),
  };
};
