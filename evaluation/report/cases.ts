// Which pairs the report shows: true pairs that were not called copies, and false ones that scored highest.

import type { FoundMatch, Verdict } from "@twinframe/shared/contract";
import type { CheckedQuery } from "../check-set.ts";
import { isSameScene } from "../measure/judged-queries.ts";
import type { Box } from "../measure/segments.ts";
import type { SetLabels } from "../set-labels.ts";
import { isCopy, shippedVerdict } from "../verdicts.ts";

const SHOWN = 6;

export interface Case {
  queryId: string;
  referenceId: string;
  /** As it is shown, and the name that groups it with others. */
  edit: string | null;
  kind: string | null;
  score: number;
  verdict: Verdict;
  sameScene: boolean;
  found: FoundMatch["visual"]["segments"];
  truth: Box[];
}

function caseOf(
  labels: SetLabels,
  queryId: string,
  referenceId: string,
  match: FoundMatch | undefined,
): Case {
  const { edit = null, edits = null } = labels.queries.get(queryId) ?? {};
  return {
    queryId,
    referenceId,
    edit: edit === "chain" && edits ? `chain of ${edits}` : edit,
    kind: edit,
    score: match?.score ?? 0,
    verdict: match ? shippedVerdict(match) : "unique",
    sameScene: isSameScene(labels, queryId, referenceId),
    found: match?.visual.segments ?? [],
    truth: labels.truth.get(queryId)?.get(referenceId) ?? [],
  };
}

/** One of each kind first, then seconds: six of one kind would tell less. */
function varied(cases: Case[], kindOf: (one: Case) => string | null): Case[] {
  const turns = new Map<string | null, number>();
  const ranked = cases.map((one) => {
    const turn = turns.get(kindOf(one)) ?? 0;
    turns.set(kindOf(one), turn + 1);
    return { one, turn };
  });
  return ranked.sort((a, b) => a.turn - b.turn).map(({ one }) => one);
}

/** The lowest scores first, of each edit in turn. */
export function worstMisses(checked: readonly CheckedQuery[], labels: SetLabels): Case[] {
  const missed = checked.flatMap(({ queryId, matches }) =>
    [...(labels.truth.get(queryId)?.keys() ?? [])]
      .map((referenceId) => {
        const match = matches.find(({ reference_id }) => reference_id === referenceId);
        return caseOf(labels, queryId, referenceId, match);
      })
      .filter(({ verdict }) => !isCopy(verdict)),
  );
  const byScore = missed.sort((a, b) => a.score - b.score);
  return varied(byScore, ({ kind }) => kind).slice(0, SHOWN);
}

/** The false pairs that were alarms or came nearest to one, of each reference in turn. */
export function worstFalseAlarms(checked: readonly CheckedQuery[], labels: SetLabels): Case[] {
  const wrong = checked.flatMap(({ queryId, matches }) =>
    matches
      .filter(({ reference_id }) => !labels.truth.get(queryId)?.has(reference_id))
      .map((match) => caseOf(labels, queryId, match.reference_id, match)),
  );
  const alarm = ({ verdict }: Case) => Number(isCopy(verdict));
  const byScore = wrong.sort((a, b) => b.score - a.score);
  return varied(byScore, ({ referenceId }) => referenceId)
    .sort((a, b) => alarm(b) - alarm(a))
    .slice(0, SHOWN);
}
