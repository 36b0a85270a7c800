// Precision against recall, as SVG: a line a method, a dot where it stands at its shipped threshold.

import { dot, line } from "@observablehq/plot";
import { drawPlot } from "../draw-plot.ts";
import type { CurvePoint } from "../measure/ranking.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { Html, html } from "./html.ts";
import { colourOf } from "./style.ts";

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

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
  const axis = {
    domain: [0, 1],
    ticks: TICKS,
    tickFormat: String,
    grid: true,
    labelAnchor: "center",
  } as const;
  const marks = methods.flatMap(({ curve, overall }, method) => {
    const stroke = colourOf(method);
    const [precision, recall] = [overall.figures.precision.value, overall.figures.recall.value];
    const shipped = Number.isFinite(recall) ? [{ recall, precision }] : [];
    return [
      line(thinned(curve), { x: "recall", y: "precision", stroke, strokeWidth: 2 }),
      dot(shipped, { x: "recall", y: "precision", fill: stroke, r: 5 }),
    ];
  });
  const picture = drawPlot({
    width: 460,
    height: 340,
    marginBottom: 40,
    ariaLabel: "precision against recall",
    x: { ...axis, label: "recall", labelArrow: "none" },
    y: { ...axis, label: "precision", labelArrow: "none" },
    marks,
  });
  const legend = methods.map(
    ({ name }, method) =>
      html`<span class="method"><i style="background: ${colourOf(method)}"></i> ${name}</span> `,
  );
  return html`${new Html(picture)}<p>${legend}</p>`;
}
