// `--save-baseline`: a run's figures and what became of every query, to hold a later run against.

import type { CheckedQuery } from "../check-set.ts";
import type { Estimate } from "../measure/bootstrap.ts";
import type { CostFigures } from "../measure/costs.ts";
import type { GroupFigures } from "../measure/figures.ts";
import type { RunHeader, SetEvaluation } from "../set-evaluation.ts";
import type { SetLabels } from "../set-labels.ts";
import { isCopy, shippedVerdict } from "../verdicts.ts";

const FORMAT = "twinframe-evaluation/1";

export interface QueryOutcome {
  /** References called copies: rightly and wrongly; and true ones that were not called. */
  right: string[];
  wrong: string[];
  missed: string[];
  /** References left to a person. */
  review: string[];
}

interface StoredGroup extends Omit<GroupFigures, "figures"> {
  /** Null where there is nothing to say: JSON has no NaN. */
  figures: Record<string, Estimate | null>;
}

export interface StoredRun extends RunHeader {
  format: typeof FORMAT;
  counts: SetEvaluation["counts"];
  methods: { name: string; overall: StoredGroup; byEdit: StoredGroup[] }[];
  cost: CostFigures;
  queries: Record<string, QueryOutcome>;
}

function outcomeOf({ queryId, matches }: CheckedQuery, { truth }: SetLabels): QueryOutcome {
  const isTrue = (id: string) => truth.get(queryId)?.has(id) ?? false;
  const named = (holds: (verdict: ReturnType<typeof shippedVerdict>) => boolean) =>
    matches.filter((match) => holds(shippedVerdict(match))).map((match) => match.reference_id);
  const called = named(isCopy);
  return {
    right: called.filter(isTrue).sort(),
    wrong: called.filter((id) => !isTrue(id)).sort(),
    missed: [...(truth.get(queryId)?.keys() ?? [])].filter((id) => !called.includes(id)).sort(),
    review: named((verdict) => verdict === "review").sort(),
  };
}

function storedGroup({ figures, ...rest }: GroupFigures): StoredGroup {
  const known = Object.entries(figures).map(([name, estimate]): [string, Estimate | null] => [
    name,
    Number.isNaN(estimate.value) ? null : estimate,
  ]);
  return { ...rest, figures: Object.fromEntries(known) };
}

export function storedRun(
  evaluation: SetEvaluation,
  checked: readonly CheckedQuery[],
  labels: SetLabels,
): StoredRun {
  const { set, model, policy, madeAt, atOnce, counts, cost } = evaluation;
  return {
    format: FORMAT,
    set,
    model,
    policy,
    madeAt,
    atOnce,
    counts,
    methods: evaluation.methods.map(({ name, overall, byEdit }) => ({
      name,
      overall: storedGroup(overall),
      byEdit: byEdit.map(storedGroup),
    })),
    cost,
    queries: Object.fromEntries(checked.map((query) => [query.queryId, outcomeOf(query, labels)])),
  };
}

export function readStoredRun(text: string, file: string): StoredRun {
  let run: Partial<StoredRun> | null = null;
  try {
    run = JSON.parse(text);
  } catch {
    // Said below, with what to do about it.
  }
  if (run?.format !== FORMAT)
    throw new Error(`${file} is no run that --save-baseline of this version wrote: save one anew`);
  return run as StoredRun;
}
