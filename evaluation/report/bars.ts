// Average precision by edit, as SVG: a bar a method, with its interval.

import { barX, ruleY, text } from "@observablehq/plot";
import { drawPlot } from "../draw-plot.ts";
import { share } from "../format.ts";
import type { SetEvaluation } from "../set-evaluation.ts";
import { Html } from "./html.ts";
import { colourOf } from "./style.ts";

const BAR = 11;
const GAP = 8;
const RIGHT = 60;

export function editBars({ methods }: SetEvaluation): Html {
  const [own] = methods;
  const labels = own.byEdit.map(({ edit, copies }) => `${edit} (${copies})`);
  const bars = methods.flatMap(({ byEdit }, method) =>
    own.byEdit.flatMap(({ edit }, row) => {
      const estimate = byEdit.find((group) => group.edit === edit)?.figures.micro_ap;
      if (!estimate || Number.isNaN(estimate.value)) return [];
      return [{ ...estimate, label: labels[row], method, colour: colourOf(method) }];
    }),
  );
  const at = { fy: "label", y: "method" } as const;
  return new Html(
    drawPlot({
      width: 620,
      height: labels.length * (methods.length * BAR + GAP) + GAP,
      margin: GAP / 2,
      marginLeft: 170,
      marginRight: RIGHT,
      ariaLabel: "average precision by edit",
      color: { type: "identity" },
      x: { domain: [0, 1], axis: null },
      y: { domain: methods.map((_, method) => method), axis: null, padding: 0 },
      fy: { domain: labels, label: null, axis: "left", padding: GAP / (methods.length * BAR + GAP) },
      marks: [
        barX(bars, { ...at, x: "value", fill: "colour" }),
        ruleY(
          bars.filter(({ low }) => !Number.isNaN(low)),
          { ...at, x1: "low", x2: "high", strokeOpacity: 0.75, strokeWidth: 1.4 },
        ),
        text(bars, {
          ...at,
          text: ({ value }) => share(value),
          frameAnchor: "right",
          textAnchor: "end",
          dx: RIGHT - 4,
        }),
      ],
    }),
  );
}
