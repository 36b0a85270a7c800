// The report's tables: the same figures as in the terminal, and by edit all of them.

import { overallRows } from "../figures-text.ts";
import { interval, NONE, share } from "../format.ts";
import type { Estimate } from "../measure/bootstrap.ts";
import type { FigureName } from "../measure/figure-names.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { type Html, html } from "./html.ts";

/** By edit; the negatives' figures are given for the whole only, where there are enough of them. */
const BY_EDIT: [FigureName, string][] = [
  ["micro_ap", "micro-AP"],
  ["micro_ap_without_same_scene", "… without same scene"],
  ["recall_at_p90", "recall at P .9"],
  ["best_f1", "best F1"],
  ["precision", "verdict precision"],
  ["recall", "recall"],
  ["f1", "F1"],
  ["segment_precision", "segment precision"],
  ["segment_recall", "recall"],
  ["segment_f1", "F1"],
];

const cell = (estimate: Estimate | undefined) =>
  estimate && !Number.isNaN(estimate.value)
    ? html`<td>${share(estimate.value)} <small>${interval(estimate)}</small></td>`
    : html`<td>${NONE}</td>`;

export function overallTable(evaluation: SetEvaluation): Html {
  const { methods } = evaluation;
  return html`<table>
<thead><tr><th></th>${methods.map(({ name }) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${overallRows(evaluation).map(
    ({ name, label }) =>
      html`<tr><th>${label}</th>${methods.map(({ overall }) => cell(overall.figures[name]))}</tr>`,
  )}</tbody></table>`;
}

export function byEditTable({ methods: [own] }: SetEvaluation): Html {
  return html`<div class="wide"><table>
<thead><tr><th>edit</th><th>copies</th>${BY_EDIT.map(([, label]) => html`<th>${label}</th>`)}</tr></thead>
<tbody>${own.byEdit.map(
    ({ edit, copies, figures }) =>
      html`<tr><th>${edit}</th><td>${copies}</td>${BY_EDIT.map(([name]) => cell(figures[name]))}</tr>`,
  )}</tbody></table></div>`;
}
