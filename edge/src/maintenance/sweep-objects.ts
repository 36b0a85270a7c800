// Deletes stored objects whose time is over.

import { EXPLANATIONS_PREFIX } from "../checks/index.ts";
import { ANSWERS_PREFIX, KEPT_MS } from "../idempotency/answers.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { ownedObjects } from "./store/object-owners.ts";

const DAY_MS = 24 * 3600_000;
const LIFE_MS: Record<string, number> = {
  "intake/": DAY_MS,
  [EXPLANATIONS_PREFIX]: 7 * DAY_MS,
  [ANSWERS_PREFIX]: KEPT_MS,
};
/** A sweep's bound, of each prefix; the next one goes on. */
const MAX_PAGES = 10;

/** How many were deleted. */
export async function sweepObjects(context: RequestContext, nowMs: number): Promise<number> {
  let dropped = 0;
  for (const [prefix, lifeMs] of Object.entries(LIFE_MS)) {
    dropped += await dropOldObjects(context, prefix, nowMs - lifeMs);
  }
  return dropped;
}

/** Also what a job still needs is old at times: it stays while a row names it. */
async function dropOldObjects(
  { bindings }: RequestContext,
  prefix: string,
  beforeMs: number,
): Promise<number> {
  const { DB, OBJECTS } = bindings;
  let dropped = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const listed = await OBJECTS.list({ prefix, ...(cursor ? { cursor } : {}) });
    const isOld = (object: R2Object) => object.uploaded.getTime() < beforeMs;
    const old = listed.objects.filter(isOld).map(({ key }) => key);
    const owned = old.length === 0 ? new Set() : await ownedObjects(DB, old);
    const lost = old.filter((key) => !owned.has(key));
    if (lost.length > 0) await OBJECTS.delete(lost);
    dropped += lost.length;
    if (!listed.truncated) break;
    cursor = listed.cursor;
  }
  return dropped;
}
