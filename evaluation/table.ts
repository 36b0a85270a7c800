// Tables of a terminal: columns apart by two spaces, no lines.

import Table from "cli-table3";

type Alignment = "left" | "right";

export interface TableOptions {
  /** Of each column. By default the first is set left and the others right. */
  align?: readonly Alignment[];
  /** Of each column, characters; what is longer ends in "…". By default as wide as the widest cell. */
  widths?: readonly number[];
}

const PLACES = ["top", "bottom", "mid"].flatMap((line) =>
  ["", "-left", "-mid", "-right"].map((at) => line + at),
);
const NO_LINES = Object.fromEntries(
  [...PLACES, "left", "left-mid", "mid-mid", "right", "right-mid"].map((at) => [at, ""]),
);

export function plainTable(
  rows: readonly (readonly string[])[],
  { align, widths }: TableOptions = {},
): string {
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const table = new Table({
    chars: { ...NO_LINES, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, border: [], head: [], compact: true },
    colAligns: Array.from({ length: columns }, (_, i) => align?.[i] ?? (i === 0 ? "left" : "right")),
    ...(widths ? { colWidths: [...widths] } : {}),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
