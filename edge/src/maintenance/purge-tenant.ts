// Everything of a tenant, out of every store, and proven gone. Its keys are revoked first. Requests that were let
// in before may still write, so all is gone through again once they must have ended.

import { ProblemError } from "@twinframe/shared/problem";
import { stopAnalysis } from "../backend-client/analyses.ts";
import { analysisOf } from "../checks/index.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { leftOf, REMOVALS } from "./purge-stores.ts";
import { closeTenant, openAnalyses } from "./store/tenant-data.ts";
import type { Turn, Work } from "./turn.ts";

interface State {
  /** Which store is emptied. */
  at: number;
  round: number;
  closedMs: number;
  removed: Record<string, number>;
}

const STORES = Object.entries(REMOVALS);
/** The cache tells of deletions within a minute; whatever is written to for longer is not being closed. */
const MAX_ROUNDS = 40;
const NEXT_ROUND_S = 5;
const STOPPED_AT_ONCE = 100;

/** What is under way ends sooner, and what it would write has no row to go to. */
async function stopWork({ config, bindings }: RequestContext, tenant: string): Promise<void> {
  for (const { id, library, index } of await openAnalyses(bindings.DB, tenant, STOPPED_AT_ONCE)) {
    const named = index === null ? { id } : analysisOf({ id, tenant, options: { index, library } });
    await stopAnalysis(config, named).catch(() => {});
  }
}

export const purgeTenant: Work<"purge_tenant"> = async (turn: Turn<State>, { tenant }) => {
  const { context } = turn;
  let state = turn.saved ?? { at: 0, round: 1, closedMs: Date.now(), removed: {} };
  if (state.at === 0) {
    await closeTenant(context.bindings.DB, tenant, new Date().toISOString());
    await stopWork(context, tenant);
  }
  for (let store = STORES[state.at]; store !== undefined; store = STORES[state.at]) {
    const [name, remove] = store;
    const total = Object.values(state.removed).reduce((sum, n) => sum + n, 0);
    await turn.save(state, { done: total, total: null, stage: name });
    const n = await remove(context, tenant);
    const removed = { ...state.removed, [name]: (state.removed[name] ?? 0) + n };
    state = { ...state, removed, at: n === 0 ? state.at + 1 : state.at };
  }
  const settledMs = state.closedMs + context.config.purgeSettleMs;
  const settled = Date.now() >= settledMs;
  const left = await leftOf(context, tenant);
  const isEmpty = Object.values(left).every((n) => n === 0);
  if (settled && isEmpty && state.round > 1) {
    return { kind: "purge_tenant", tenant, removed: state.removed, left };
  }
  if (settled && state.round >= MAX_ROUNDS) {
    const stores = Object.keys(left).filter((name) => left[name]! > 0);
    throw new ProblemError(
      "job_in_the_way",
      `Something still writes for "${tenant}" into: ${stores.join(", ")}. Find it, then ask for the purge again.`,
    );
  }
  await turn.save({ ...state, at: 0, round: state.round + 1 });
  if (!settled) return { waitS: Math.max(1, Math.ceil((settledMs - Date.now()) / 1000)) };
  return { waitS: isEmpty ? 0 : NEXT_ROUND_S };
};
