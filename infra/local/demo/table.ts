// The demo's table: one line a check.

import { plainTable } from "@twinframe/evaluation/table";
import type { Check } from "@twinframe/shared/contract";

const COLUMNS = [
  ["video", 22],
  ["edit", 18],
  ["verdict", 12],
  ["reference named", 22],
  ["score", 6],
  ["query s ↔ reference s", 27],
  ["found by", 13],
] as const;
const STAGES = ["intake", "probe", "decode", "embed", "search", "align", "total"] as const;
const STAGE_WIDTH = 6;

// One at a time, as the checks end: each line is a table of its own with the same widths.
function line(cells: readonly string[], timings: readonly string[]): string {
  return plainTable([[...cells, ...timings]], {
    widths: [...COLUMNS.map(([, width]) => width), ...STAGES.map(() => STAGE_WIDTH)],
    align: [...COLUMNS.map(() => "left" as const), ...STAGES.map(() => "right" as const)],
  });
}

export function tableHead(): string {
  const head = `${line(
    COLUMNS.map(([name]) => name),
    STAGES,
  )}  ms`;
  return `${head}\n${"─".repeat(head.length)}`;
}

const seconds = (value: number) => value.toFixed(1);

export function tableLine(video: string, edit: string, check: Check): string {
  const match = check.matches?.[0];
  const segment = match?.visual.segments[0];
  const more = (match?.visual.segments.length ?? 0) - 1;
  const ranges = segment
    ? `${seconds(segment.query.start_s)}–${seconds(segment.query.end_s)} ↔ ${seconds(segment.reference.start_s)}–${seconds(segment.reference.end_s)}${more > 0 ? ` +${more}` : ""}`
    : "";
  const t = check.timings_ms;
  const cells = [
    video,
    edit,
    check.verdict ?? check.status,
    match?.reference_id ?? "",
    match ? match.score.toFixed(3) : "",
    ranges,
    check.found_by ?? "",
  ];
  return line(
    cells,
    STAGES.map((stage) => (t ? String(Math.round(t[stage])) : "")),
  );
}
