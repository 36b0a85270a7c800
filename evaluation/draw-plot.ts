// Observable Plot without a browser.

import { type PlotOptions, plot } from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A plot as an SVG element; whatever text the options hold comes out escaped. No legend: it would be HTML. */
export function drawPlot(options: PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html></html>");
  const svg = plot({ ...options, document });
  // linkedom leaves this one as it is, in texts and in attributes alike.
  return svg.outerHTML.replaceAll("'", "&#39;");
}
