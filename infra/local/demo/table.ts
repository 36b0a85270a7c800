// The demo's table: one line a check.

import type { Check } from "@twinframe/shared/contract";

const COLUMNS = [
  ["video", 22],
  ["edit", 18],
  ["verdict", 12],
  ["reference named", 22],
  ["score", 6],
  ["query s ↔ reference s", 27],
  ["found by", 13],
  ["", 0],
] as const;

const padded = (text: string, width: number) =>
  width === 0 ? text : (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);

function line(cells: string[]): string {
  return COLUMNS.map(([, width], i) => padded(cells[i] ?? "", width)).join("  ");
}

const STAGES = ["intake", "probe", "decode", "embed", "search", "align", "total"] as const;
const STAGE_WIDTH = 7;

export function tableHead(): string {
  const stages = STAGES.map((stage) => stage.padStart(STAGE_WIDTH)).join("");
  const head = `${line([...COLUMNS.slice(0, -1).map(([name]) => name), stages])}  ms`;
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
  const timings = t ? STAGES.map((stage) => String(Math.round(t[stage])).padStart(STAGE_WIDTH)).join("") : "";
  return line([
    video,
    edit,
    check.verdict ?? check.status,
    match?.reference_id ?? "",
    match ? match.score.toFixed(3) : "",
    ranges,
    check.found_by ?? "",
    timings,
  ]);
}
