// Average precision by edit, as SVG: a bar a method, with its interval.

import { share } from "../format.ts";
import type { Estimate } from "../measure/bootstrap.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { type Html, html } from "./html.ts";

const WIDTH = 620;
const LEFT = 170;
const RIGHT = 60;
const BAR = 11;
const GAP = 8;

const x = (value: number) => LEFT + value * (WIDTH - LEFT - RIGHT);
const at = (value: number) => value.toFixed(1);

function bar({ value, low, high }: Estimate, method: number, top: number): Html {
  const middle = at(top + BAR / 2);
  const whisker = Number.isNaN(low)
    ? null
    : html`<path class="whisker" d="M${at(x(low))} ${middle}H${at(x(high))}"/>`;
  return html`<rect class="fill${method}" x="${LEFT}" y="${at(top)}" width="${at(x(value) - LEFT)}" height="${BAR}"/>${whisker}
<text x="${at(WIDTH - 4)}" y="${at(top + BAR - 1)}" text-anchor="end">${share(value)}</text>`;
}

export function editBars({ methods }: SetEvaluation): Html {
  const [own] = methods;
  const rowHeight = methods.length * BAR + GAP;
  const rows = own.byEdit.map(({ edit, copies }, row) => {
    const top = row * rowHeight + GAP / 2;
    const bars = methods.map(({ byEdit }, method) => {
      const estimate = byEdit.find((group) => group.edit === edit)?.figures.micro_ap;
      return estimate && !Number.isNaN(estimate.value) ? bar(estimate, method, top + method * BAR) : null;
    });
    const label = html`<text x="${LEFT - 8}" y="${at(top + rowHeight / 2)}" text-anchor="end">${edit} (${copies})</text>`;
    return html`<g>${label}${bars}</g>`;
  });
  const height = own.byEdit.length * rowHeight + GAP;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="average precision by edit">${rows}</svg>`;
}
