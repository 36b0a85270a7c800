// A set's figures as a terminal shows them.

import { bytes, estimateText } from "./format.ts";
import { FIGURES, type FigureName } from "./measure/figure-names.ts";
import type { SetEvaluation } from "./set-evaluation.ts";
import { plainTable } from "./table.ts";

/** By edit a line has room for the most telling ones; the report shows all. */
const BY_EDIT: [FigureName, string][] = [
  ["micro_ap", "micro-AP"],
  ["recall_at_p90", "recall at P .9"],
  ["precision", "precision"],
  ["recall", "recall"],
  ["f1", "F1"],
  ["segment_f1", "segment F1"],
];

const isKnown = ({ value }: { value: number }) => !Number.isNaN(value);

/** What a figure's row is called; shares of negatives say of how many. */
function labelOf(name: FigureName, { counts }: SetEvaluation): string {
  const negatives = counts.unrelated + counts.sameScene;
  if (name === "false_positives") return `${FIGURES[name]} (${negatives})`;
  if (name === "false_positives_unrelated") return `${FIGURES[name]} (${counts.unrelated})`;
  if (name === "false_positives_same_scene") return `${FIGURES[name]} (${counts.sameScene})`;
  return FIGURES[name];
}

export function overallRows(evaluation: SetEvaluation): { name: FigureName; label: string }[] {
  return (Object.keys(FIGURES) as FigureName[])
    .filter((name) => evaluation.methods.some(({ overall }) => isKnown(overall.figures[name])))
    .map((name) => ({ name, label: labelOf(name, evaluation) }));
}

function overallTable(evaluation: SetEvaluation): string {
  const { methods } = evaluation;
  return plainTable([
    ["", ...methods.map(({ name }) => name)],
    ...overallRows(evaluation).map(({ name, label }) => [
      label,
      ...methods.map(({ overall }) => estimateText(overall.figures[name])),
    ]),
  ]);
}

function byEditTable({ methods: [own] }: SetEvaluation): string {
  return plainTable([
    ["edit", "copies", ...BY_EDIT.map(([, label]) => label)],
    ...own.byEdit.map(({ edit, copies, figures }) => [
      edit ?? "",
      String(copies),
      ...BY_EDIT.map(([name]) => estimateText(figures[name])),
    ]),
  ]);
}

export function costLines({ cost, atOnce }: SetEvaluation): string[] {
  const lines: string[] = [];
  const { queryMs, byStageMs, bytesAMinute } = cost;
  if (queryMs) {
    const stages = Object.entries(byStageMs).map(
      ([stage, { median, p95 }]) => `${stage} ${Math.round(median)}/${Math.round(p95)}`,
    );
    lines.push(
      `a query takes ${Math.round(queryMs.median)} ms (median), ${Math.round(queryMs.p95)} ms (p95), ${atOnce} at once; ${stages.join(", ")}`,
    );
  }
  if (bytesAMinute !== null) lines.push(`the index holds ${bytes(bytesAMinute)} a minute of video`);
  return lines;
}

function countsLine({ counts, set, model }: SetEvaluation): string {
  const { references, queries, copies, unrelated, sameScene } = counts;
  return `${set}: ${references} references, ${queries} queries (${copies} copies, ${unrelated} unrelated, ${sameScene} of a reference's scene), model ${model.id} ${model.version}`;
}

export function figuresText(evaluation: SetEvaluation): string {
  const parts = [countsLine(evaluation), overallTable(evaluation)];
  if (evaluation.methods[0].byEdit.length > 0) parts.push(byEditTable(evaluation));
  parts.push([...costLines(evaluation), ...evaluation.remarks].join("\n"));
  return `${parts.join("\n\n")}\n(in brackets 95 % intervals: bootstrap over queries)`;
}
