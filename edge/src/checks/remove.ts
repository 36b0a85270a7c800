import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { forgetTold } from "../webhooks/index.ts";
import { explanationKey } from "./explanation.ts";
import { findOwnCheck } from "./own-check.ts";
import { deleteCheckRow, deleteOldChecks, type RemovedCheck } from "./store/check-removal.ts";

/** A sweep's bound: the next one goes on. */
const ROUNDS = 10;
const ROUND_ROWS = 500;

const keysOf = (removed: readonly RemovedCheck[]) =>
  removed.flatMap(({ id, completed_at, explain }) => (explain ? [explanationKey(id, completed_at)] : []));

/** Deletes a finished check: its result, decisions and explanation. */
export async function removeCheck(context: RequestContext, tenant: string, id: string): Promise<void> {
  const { DB, OBJECTS, JOBS } = context.bindings;
  await findOwnCheck(context, tenant, id);
  const removed = await deleteCheckRow(DB, tenant, id);
  if (removed === null) {
    // Gone meanwhile, which is a 404, or not finished.
    const { status } = await findOwnCheck(context, tenant, id);
    throw new ProblemError("check_unfinished", `The check is ${status}; cancel it, then delete it.`);
  }
  // What webhooks told of it holds the result, too.
  await DB.batch(await forgetTold(context, tenant, id));
  for (const key of keysOf([removed])) {
    await OBJECTS.delete(key).catch(() => JOBS.send({ type: "object_delete", object_key: key }));
  }
}

/** Deletes what ended before `beforeIso`; how many. */
export async function removeOldChecks({ bindings }: RequestContext, beforeIso: string): Promise<number> {
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const removed = await deleteOldChecks(bindings.DB, beforeIso, ROUND_ROWS);
    count += removed.length;
    const keys = keysOf(removed);
    // What is left behind by a failure here goes with the explanations' own sweep.
    if (keys.length > 0) await bindings.OBJECTS.delete(keys);
    if (removed.length < ROUND_ROWS) break;
  }
  return count;
}
