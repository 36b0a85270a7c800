// `--compare`: what changed since a stored run.

import { share } from "../format.ts";
import { FIGURES, type FigureName } from "../measure/figure-names.ts";
import { plainTable } from "../table.ts";
import type { QueryOutcome, StoredRun } from "./stored-run.ts";

/** A fall of one of these beyond the tolerance fails the comparison. */
const GUARDED: FigureName[] = ["micro_ap", "f1"];
const SHOWN = 20;

export interface Comparison {
  text: string;
  /** Guarded figures that fell by more than the tolerance. */
  fallen: FigureName[];
}

const figureOf = (run: StoredRun, name: FigureName) =>
  run.methods[0]?.overall.figures[name]?.value ?? Number.NaN;

export function compareRuns(before: StoredRun, now: StoredRun, tolerance: number): Comparison {
  const names = (Object.keys(FIGURES) as FigureName[]).filter(
    (name) => !Number.isNaN(figureOf(before, name)) || !Number.isNaN(figureOf(now, name)),
  );
  const difference = (name: FigureName) => figureOf(now, name) - figureOf(before, name);
  const fallen = GUARDED.filter((name) => difference(name) < -tolerance - 1e-9);
  const figures = plainTable([
    ["", "before", "now", "difference"],
    ...names.map((name) => [
      FIGURES[name],
      share(figureOf(before, name)),
      share(figureOf(now, name)),
      signed(difference(name)),
    ]),
    ...timeRow(before, now),
  ]);
  const verdict =
    fallen.length === 0
      ? `${GUARDED.map((name) => FIGURES[name]).join(" and ")} did not fall by more than ${tolerance}`
      : `fell by more than ${tolerance}: ${fallen.map((name) => FIGURES[name]).join(", ")}`;
  const parts = [header(before, now), figures, ...byEdit(before, now), ...changes(before, now), verdict];
  return { text: parts.join("\n\n"), fallen };
}

function signed(value: number): string {
  if (Math.abs(value) < 0.0005) return "=";
  return `${value > 0 ? "+" : ""}${share(value)}`;
}

function header(before: StoredRun, now: StoredRun): string {
  const lines = [
    `compared with the run of ${before.madeAt} (${before.set}, model ${before.model.id} ${before.model.version})`,
  ];
  const ids = new Set([...Object.keys(before.queries), ...Object.keys(now.queries)]);
  const both = [...ids].filter((id) => before.queries[id] && now.queries[id]).length;
  if (both < ids.size)
    lines.push(
      `the sets differ: ${both} of ${ids.size} queries are in both, so the figures are not like for like`,
    );
  if (JSON.stringify(before.policy) !== JSON.stringify(now.policy)) lines.push("the policies differ");
  return lines.join("\n");
}

function timeRow(before: StoredRun, now: StoredRun): string[][] {
  const [then, since] = [before.cost.queryMs?.median, now.cost.queryMs?.median];
  if (then === undefined || since === undefined) return [];
  const change = `${since >= then ? "+" : ""}${Math.round(since - then)}`;
  return [["ms a query (median)", String(Math.round(then)), String(Math.round(since)), change]];
}

/** Edits whose recall or average precision moved. */
function byEdit(before: StoredRun, now: StoredRun): string[] {
  const groupsOf = (run: StoredRun) => new Map(run.methods[0]?.byEdit.map((group) => [group.edit, group]));
  const [then, since] = [groupsOf(before), groupsOf(now)];
  const rows = [...since].flatMap(([edit, group]) => {
    const cells = (["micro_ap", "recall"] as const).map((name) =>
      signed(
        (group.figures[name]?.value ?? Number.NaN) - (then.get(edit)?.figures[name]?.value ?? Number.NaN),
      ),
    );
    return cells.every((cell) => cell === "=" || cell === "–") ? [] : [[edit ?? "", ...cells]];
  });
  return rows.length === 0 ? [] : [plainTable([["edit", "micro-AP", "recall"], ...rows])];
}

/** Pairs that one run names under `key` and the other does not, of the queries that both have. */
function pairsOf(run: StoredRun, other: StoredRun, key: keyof QueryOutcome): string[] {
  return Object.entries(run.queries).flatMap(([id, outcome]) => {
    const without = other.queries[id];
    return without
      ? outcome[key].filter((ref) => !without[key].includes(ref)).map((ref) => `${id} – ${ref}`)
      : [];
  });
}

function changes(before: StoredRun, now: StoredRun): string[] {
  const kinds: [string, string[]][] = [
    ["newly found", pairsOf(now, before, "right")],
    ["newly lost", pairsOf(before, now, "right")],
    ["new false alarms", pairsOf(now, before, "wrong")],
    ["false alarms no more", pairsOf(before, now, "wrong")],
  ];
  return kinds
    .filter(([, pairs]) => pairs.length > 0)
    .map(([kind, pairs]) => {
      const more = pairs.length > SHOWN ? [`  … and ${pairs.length - SHOWN} more`] : [];
      return [`${kind}: ${pairs.length}`, ...pairs.slice(0, SHOWN).map((pair) => `  ${pair}`), ...more].join(
        "\n",
      );
    });
}
