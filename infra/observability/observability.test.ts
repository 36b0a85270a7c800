// The board and the alert rules as files: what Grafana and Prometheus need of them, as far as it can be told
// without either. Whether the metrics exist is asked of the running services in test/e2e/observability.test.ts.

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ALERTS_FILE, alertExpressions, metricNamesIn, readBoard } from "./expressions.ts";

const KNOWN_PANELS = ["row", "timeseries", "stat"];

test("the Grafana board has what Grafana needs to load it", async () => {
  const board = await readBoard();
  expect(board).toMatchObject({ title: "Twinframe", uid: "twinframe", schemaVersion: expect.any(Number) });
  const ids = board.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(board.templating.list.map(({ name }) => name)).toEqual(["datasource", "instance"]);
  for (const { type, title, gridPos, targets = [], datasource, fieldConfig } of board.panels) {
    expect(KNOWN_PANELS, title).toContain(type);
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    if (type === "row") continue;
    expect(datasource, title).toEqual({ type: "prometheus", uid: `\${datasource}` });
    expect(fieldConfig?.defaults.unit, title).toEqual(expect.any(String));
    expect(targets.length, title).toBeGreaterThan(0);
    expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    for (const { expr } of targets) expect(metricNamesIn(expr).length, expr).toBeGreaterThan(0);
  }
});

test("no two panels of the Grafana board overlap", async () => {
  const { panels } = await readBoard();
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x},${y}`), `${title} at ${x},${y}`).toBeUndefined();
        taken.set(`${x},${y}`, title);
      }
});

test("every alert has a summary and a section in the runbook", async () => {
  const text = await readFile(ALERTS_FILE, "utf8");
  const runbook = await readFile(join(import.meta.dirname, "../../docs/observability.md"), "utf8");
  const rules = text.split(/^ +- alert: /m).slice(1);
  expect(rules.length).toBe((await alertExpressions()).length);
  for (const rule of rules) {
    const name = rule.split("\n")[0]!;
    expect(rule, name).toMatch(/^ +for: \d+m$/m);
    expect(rule, name).toMatch(/severity: (critical|warning) }$/m);
    expect(rule, name).toMatch(/^ +summary: ".+"$/m);
    expect(rule, name).toContain(`runbook: docs/observability.md#${name.toLowerCase()}\n`);
    expect(runbook).toMatch(new RegExp(`^### ${name}\n\n\\S`, "m"));
  }
});

test("metric names are extracted from PromQL", () => {
  const expression =
    'histogram_quantile(0.95, sum by (le, stage) (rate(a_bucket{x="b_total",y=~"$c"}[$__rate_interval]))) > 1e3 ' +
    "and on (instance) d:e_count offset 5m unless g == bool 1";
  expect(metricNamesIn(expression)).toEqual(["a_bucket", "d:e_count", "g"]);
});

const promtool = spawnSync("promtool", ["--version"]).status === 0;

test.skipIf(!promtool)(
  "promtool takes the rules and the scrape example (skipped where it is not on PATH)",
  () => {
    for (const args of [
      ["check", "rules", ALERTS_FILE],
      ["test", "rules", join(import.meta.dirname, "alerts.test.yaml")],
      ["check", "config", "--syntax-only", join(import.meta.dirname, "prometheus.yml")],
    ]) {
      const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
      expect(status, stdout + stderr).toBe(0);
    }
  },
);
