// What only the edge knows, and the database can tell cheaply. Rates of requests are in the log's events: a Worker
// has no memory of its own to count in.

import type { Gauge } from "../platform/telemetry/exposition.ts";
import { type EdgeFigures, readFigures } from "./store/metrics.ts";

/** "Recent" is this long. */
const RECENT_MS = 5 * 60_000;
const FAILED_MS = 3600_000;

const iso = (ms: number) => new Date(ms).toISOString();

export async function edgeMetrics(db: D1Database, nowMs: number): Promise<Gauge[]> {
  const since = { nowIso: iso(nowMs), endedIso: iso(nowMs - RECENT_MS), failedIso: iso(nowMs - FAILED_MS) };
  const figures = await readFigures(db, since);
  const ageS = (from: string | null | undefined) =>
    from ? Math.max(0, (nowMs - Date.parse(from)) / 1000) : 0;
  return [...checkGauges(figures, ageS), ...otherGauges(figures, ageS)];
}

type AgeS = (from: string | null | undefined) => number;

const one = (name: string, help: string, value: number): Gauge => ({ name, help, samples: [{ value }] });

function checkGauges({ unfinished, ended }: EdgeFigures, ageS: AgeS): Gauge[] {
  const of = (status: string) => unfinished.find((row) => row.status === status)?.checks ?? 0;
  const oldest = unfinished.map((row) => row.oldest).sort()[0];
  return [
    {
      name: "twinframe_edge_checks_unfinished",
      help: "Checks that have not ended; queued until their video is in the object store.",
      samples: ["queued", "running"].map((status) => ({ labels: { status }, value: of(status) })),
    },
    one(
      "twinframe_edge_oldest_unfinished_check_seconds",
      "Age of the oldest check that has not ended; 0 without any.",
      ageS(oldest),
    ),
    {
      name: "twinframe_edge_checks_ended_recently",
      help: "Checks that ended in the last five minutes, by verdict and the way the match was found.",
      samples: endedBy(ended, ({ status, verdict, found_by }) => ({
        status,
        verdict: verdict ?? "none",
        found_by: found_by ?? "none",
      })),
    },
    {
      name: "twinframe_edge_check_problems_recently",
      help: "Checks that failed in the last five minutes, by the problem's code.",
      samples: endedBy(
        ended.filter(({ status }) => status === "failed"),
        ({ problem_code }) => ({ code: problem_code ?? "none" }),
      ),
    },
  ];
}

/** Rows that come to the same labels are one sample. */
function endedBy(
  rows: EdgeFigures["ended"],
  labelsOf: (row: EdgeFigures["ended"][number]) => Record<string, string>,
): Gauge["samples"] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const key = JSON.stringify(labelsOf(row));
    sums.set(key, (sums.get(key) ?? 0) + row.checks);
  }
  return [...sums].map(([key, value]) => ({ labels: JSON.parse(key), value }));
}

function otherGauges({ indexing, imports, due, failed }: EdgeFigures, ageS: AgeS): Gauge[] {
  return [
    one(
      "twinframe_edge_references_indexing",
      "References that are promised and not yet in the index.",
      indexing.references_,
    ),
    one("twinframe_edge_imports_open", "Imports that have not ended.", imports.open),
    one(
      "twinframe_edge_webhook_deliveries_due",
      "Deliveries whose time has come and that are not sent yet.",
      due.deliveries,
    ),
    one(
      "twinframe_edge_webhook_oldest_due_seconds",
      "How late the latest of them is; 0 without any.",
      ageS(due.oldest),
    ),
    one(
      "twinframe_edge_webhook_deliveries_failed_recently",
      "Deliveries given up after their last attempt in the last hour.",
      failed.deliveries,
    ),
  ];
}
