// `--report`: everything on one page that needs nothing else: no network, no library, pictures inside.

import { costLines } from "../figures-text.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { editBars } from "./bars.ts";
import type { CasePictures } from "./case-pictures.ts";
import { caseSection } from "./case-section.ts";
import type { Case } from "./cases.ts";
import { curvePicture } from "./curve.ts";
import { byEditTable, overallTable } from "./figures-table.ts";
import { type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

export interface ShownCase {
  shown: Case;
  pictures: CasePictures;
}

export interface ReportCases {
  misses: ShownCase[];
  falseAlarms: ShownCase[];
}

function header(evaluation: SetEvaluation): Html {
  const { set, model, policy, madeAt, counts } = evaluation;
  const { references, queries, copies, unrelated, sameScene } = counts;
  const rules = Object.entries(policy).map(([name, value]) => `${name} ${value}`);
  return html`<h1>Copy detection on ${set}</h1>
<dl><dt>set</dt><dd>${references} references, ${queries} queries: ${copies} copies, ${unrelated} unrelated, ${sameScene} of a reference’s scene</dd>
<dt>model</dt><dd>${model.id} ${model.version}</dd>
<dt>policy</dt><dd>${rules.join(", ")}</dd>
<dt>date</dt><dd>${madeAt}</dd>
${costLines(evaluation).map((line) => html`<dt>cost</dt><dd>${line}</dd>`)}
${evaluation.remarks.map((remark) => html`<dt>note</dt><dd>${remark}</dd>`)}
${evaluation.unreadable.map((line) => html`<dt>not read</dt><dd>${line}</dd>`)}</dl>`;
}

const section = (title: string, text: string, cases: ShownCase[]) =>
  cases.length === 0
    ? html`<h2>${title}</h2><p class="soft">None.</p>`
    : html`<h2>${title}</h2><p class="soft">${text}</p>${cases.map(({ shown, pictures }) => caseSection(shown, pictures))}`;

export function reportPage(evaluation: SetEvaluation, { misses, falseAlarms }: ReportCases): string {
  const byEdit =
    evaluation.methods[0].byEdit.length === 0
      ? null
      : html`<h2>By edit</h2>
<p class="soft">Average precision of each edit’s copies against all negatives, with its interval; in brackets how many.</p>
${editBars(evaluation)}${byEditTable(evaluation)}`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Copy detection on ${evaluation.set}</title><style>${STYLE}</style></head><body>
${header(evaluation)}
<h2>Figures</h2>
<div class="row">${overallTable(evaluation)}<figure>${curvePicture(evaluation)}<figcaption>dots: at the shipped threshold</figcaption></figure></div>
<p class="soft">Small print: 95 % intervals, by resampling queries. Segment figures as in VCSL (He et al. 2022).</p>
${byEdit}
${section("Worst misses", "True pairs that were not called copies, the lowest scores first, edits in turn.", misses)}
${section("Worst false alarms", "Pairs that are no copies and scored highest, called ones first, references in turn.", falseAlarms)}
</body></html>
`.text;
}
