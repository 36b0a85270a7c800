// Precision against recall, as SVG: a line a method, a dot where it stands at its shipped threshold.

import type { CurvePoint } from "../measure/ranking.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { type Html, html } from "./html.ts";

const SIZE = { width: 460, height: 340 };
const FRAME = { left: 44, top: 12, right: 12, bottom: 40 };
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

const x = (recall: number) => FRAME.left + recall * (SIZE.width - FRAME.left - FRAME.right);
const y = (precision: number) =>
  SIZE.height - FRAME.bottom - precision * (SIZE.height - FRAME.top - FRAME.bottom);
const at = (value: number) => value.toFixed(1);

/** Beyond a few hundred, points no longer show. */
function thinned(points: readonly CurvePoint[]): CurvePoint[] {
  let [recall, precision] = [-1, -1];
  return points.filter((point, i) => {
    const moved = Math.abs(point.recall - recall) > 0.002 || Math.abs(point.precision - precision) > 0.002;
    if (!moved && i < points.length - 1) return false;
    ({ recall, precision } = point);
    return true;
  });
}

export function curvePicture({ methods }: SetEvaluation): Html {
  const grid = TICKS.map(
    (
      tick,
    ) => html`<path class="grid" d="M${at(x(tick))} ${at(y(0))}V${at(y(1))}M${at(x(0))} ${at(y(tick))}H${at(x(1))}"/>
<text x="${at(x(tick))}" y="${at(y(0) + 16)}" text-anchor="middle">${tick}</text>
<text x="${at(x(0) - 6)}" y="${at(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
  );
  const lines = methods.map(({ name, curve, overall }, i) => {
    const points = thinned(curve).map(({ recall, precision }) => `${at(x(recall))},${at(y(precision))}`);
    const [precision, recall] = [overall.figures.precision.value, overall.figures.recall.value];
    const dot = Number.isFinite(recall)
      ? html`<circle class="fill${i}" cx="${at(x(recall))}" cy="${at(y(precision))}" r="5"><title>${name} at its shipped threshold</title></circle>`
      : null;
    const legendY = y(0) - 12 - 18 * (methods.length - 1 - i);
    return html`<polyline class="line line${i}" points="${points.join(" ")}"/>${dot}
<rect class="fill${i}" x="${at(x(0) + 10)}" y="${at(legendY - 9)}" width="14" height="10"/>
<text x="${at(x(0) + 30)}" y="${at(legendY)}">${name}</text>`;
  });
  return html`<svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" role="img" aria-label="precision against recall">
${grid}${lines}
<text x="${at(x(0.5))}" y="${SIZE.height - 6}" text-anchor="middle">recall</text>
<text transform="translate(12 ${at(y(0.5))}) rotate(-90)" text-anchor="middle">precision</text></svg>`;
}
