// A policy tried on a library's recent checks before it is saved: what it would have said of the evidence that
// each of them was judged by.

import {
  type Action,
  type Evidence,
  isFullySeen,
  type Judgements,
  MOST_CHANGED,
  MOST_JUDGED,
  type PolicyTrial,
  type PolicyTrialResult,
  type Verdict,
} from "@twinframe/shared/contract";
import { backendUnavailable } from "../backend-client/backend-unavailable.ts";
import { judge } from "../backend-client/maintenance.ts";
import type { StoredResult } from "../checks/index.ts";
import { checksToTry, type TriedCheckRow } from "../checks/index.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { readLibrary } from "./manage.ts";
import type { LibraryKey } from "./store/libraries.ts";

type Judgement = Judgements["judgements"][number];

/** Whatever the thresholds: the same file, or the same coded pictures. */
const isExact = ({ found_by }: StoredResult) => found_by === "exact_bytes" || found_by === "exact_packets";

/** What was not seen whole is not unique by any policy. Checks from before this was known were judged without it. */
function seenEnough({ query }: StoredResult, verdict: Verdict): Verdict {
  const { duration_s, seen_s, gaps = [] } = query;
  if (verdict !== "unique" || duration_s === null || seen_s === undefined) return verdict;
  return isFullySeen({ duration_s, seen_s, gaps }) ? "unique" : "review";
}

class Counts<Kind extends string> {
  readonly #counts = new Map<string, { from: Kind; to: Kind; count: number }>();

  add(from: Kind, to: Kind): void {
    const entry = this.#counts.get(`${from} ${to}`) ?? { from, to, count: 0 };
    this.#counts.set(`${from} ${to}`, { ...entry, count: entry.count + 1 });
  }

  list() {
    return [...this.#counts.values()].sort((a, b) => b.count - a.count);
  }
}

/** In the place of each check; null: it cannot be tried. */
async function judgePage(
  { config }: RequestContext,
  { policy }: PolicyTrial,
  page: readonly { row: TriedCheckRow; result: StoredResult }[],
): Promise<(Judgement | null)[]> {
  const asked = page.filter(({ row, result }) => !isExact(result) && row.evidence !== null);
  const items = asked.map(({ row }) => JSON.parse(row.evidence!) as Evidence);
  const { judgements } =
    items.length === 0
      ? { judgements: [] }
      : await judge(config, { policy: { visual: policy.visual }, items });
  if (judgements.length !== items.length) throw backendUnavailable("as many judgements as items are needed");
  const byRow = new Map(asked.map(({ row }, i) => [row, judgements[i]!]));
  return page.map(({ row, result }) => {
    const judged = byRow.get(row);
    if (!isExact(result)) return judged ? { ...judged, verdict: seenEnough(result, judged.verdict) } : null;
    return { verdict: result.verdict, reference_id: result.duplicate_for || null, score: 1 };
  });
}

/** Problem: `library_not_found`. */
export async function tryPolicy(
  context: RequestContext,
  key: LibraryKey,
  trial: PolicyTrial,
): Promise<PolicyTrialResult> {
  await readLibrary(context, key);
  const { policy, checks, since = null } = trial;
  const verdicts = new Counts<Verdict>();
  const actions = new Counts<Action>();
  const counts = {
    policy,
    tried: 0,
    not_tried: 0,
    changed_count: 0,
    changed: [] as PolicyTrialResult["changed"],
  };
  let after: [string, string] | null = null;
  for (let seen = 0; seen < checks; ) {
    const limit = Math.min(MOST_JUDGED, checks - seen);
    const rows: TriedCheckRow[] = await checksToTry(context.bindings.DB, key, since, after, limit);
    const page = rows.map((row) => ({ row, result: JSON.parse(row.result) as StoredResult }));
    const judgements = await judgePage(context, trial, page);
    for (const [i, { row, result }] of page.entries()) {
      const judgement = judgements[i];
      if (!judgement) {
        counts.not_tried++;
        continue;
      }
      counts.tried++;
      const verdict = { from: result.verdict, to: judgement.verdict };
      const action = { from: result.action, to: policy.actions[judgement.verdict] };
      verdicts.add(verdict.from, verdict.to);
      actions.add(action.from, action.to);
      if (verdict.from === verdict.to && action.from === action.to) continue;
      counts.changed_count++;
      const { reference_id, score } = judgement;
      const entry = { check_id: row.id, created_at: row.created_at, verdict, action, reference_id, score };
      if (counts.changed.length < MOST_CHANGED) counts.changed.push(entry);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) break;
    seen += rows.length;
    after = [last.created_at, last.id];
  }
  return { ...counts, verdicts: verdicts.list(), actions: actions.list() };
}
