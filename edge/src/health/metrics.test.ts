// What the Worker tells Prometheus, and what it costs the database.

import { beforeEach, expect, it } from "vitest";
import { ask, env, expectProblem } from "../../test/client.ts";
import { API_KEY, METRICS_TOKEN } from "../../test/settings.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { HeldQueue } from "../../test/webhook-client.ts";
import { DUE, ENDED, FAILED, INDEXING, UNFINISHED } from "./store/metrics.ts";

const agoIso = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

async function samples(): Promise<Record<string, number>> {
  const response = await ask("/metrics", { key: METRICS_TOKEN });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const lines = (await response.text()).split("\n").filter((line) => line && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ""), Number(line.split(" ").at(-1))]));
}

const insert = (table: string, row: Record<string, string | number | null>) =>
  env.DB.prepare(
    `INSERT INTO ${table} (${Object.keys(row).join(",")}) VALUES (${Object.keys(row)
      .map(() => "?")
      .join(",")})`,
  )
    .bind(...Object.values(row))
    .run();

let nth = 0;
const check = (row: Record<string, string | null>) => {
  const at = row.created_at ?? agoIso(1);
  const common = { tenant: "t", library: "metrics", request: "{}", created_at: at, updated_at: at };
  return insert("checks", { id: `chk_${nth++}`, ...common, ...row });
};
const delivery = (row: Record<string, string | null>) => {
  const common = {
    tenant: "t",
    type: "check.completed",
    subject: "chk",
    body: "{}",
    created_at: agoIso(9999),
  };
  const id = `dlv_${nth++}`;
  return insert("webhook_deliveries", { id, event_id: id, address_id: "a", ...common, ...row });
};

beforeEach(async () => {
  await env.DB.batch(
    ["checks", "webhook_deliveries", "imports", "library_references"].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
});

it("tells nobody without its own token, not even an admin", async () => {
  for (const key of [null, API_KEY, `${METRICS_TOKEN}x`])
    await expectProblem(await ask("/metrics", { key }), 401, "invalid_api_key");
  const post = await ask("/metrics", { key: METRICS_TOKEN, method: "POST" });
  await expectProblem(post, 405, "method_not_allowed");
});

it("is not there when no token is set", async () => {
  const worker = new HeldQueue();
  const { METRICS_TOKEN: _, ...without } = worker.env;
  worker.env = without;
  await expectProblem(await worker.ask("/metrics", { key: METRICS_TOKEN }), 404, "not_found");
});

it("has zeros to see when nothing is going on", async () => {
  expect(await samples()).toEqual({
    'twinframe_edge_checks_unfinished{status="queued"}': 0,
    'twinframe_edge_checks_unfinished{status="running"}': 0,
    twinframe_edge_oldest_unfinished_check_seconds: 0,
    twinframe_edge_references_indexing: 0,
    twinframe_edge_imports_open: 0,
    twinframe_edge_webhook_deliveries_due: 0,
    twinframe_edge_webhook_oldest_due_seconds: 0,
    twinframe_edge_webhook_deliveries_failed_recently: 0,
  });
});

it("tells of what waits and of what ended", async () => {
  await check({ status: "queued", created_at: agoIso(500) });
  await check({ status: "queued" });
  await check({ status: "running", created_at: agoIso(1000) });
  const ended = (secondsAgo: number, result: object | null, problem: object | null = null) =>
    check({
      status: result === null ? "failed" : "completed",
      completed_at: agoIso(secondsAgo),
      result: result && JSON.stringify(result),
      problem: problem && JSON.stringify(problem),
    });
  await ended(10, { verdict: "duplicate", found_by: "exact_bytes" });
  await ended(20, { verdict: "duplicate", found_by: "exact_bytes" });
  await ended(20, { verdict: "unique", found_by: null });
  await ended(20, null, { code: "not_a_video" });
  await ended(20, null, { code: "backend_unavailable" });
  await ended(20, null, { code: "backend_unavailable" });
  await ended(400, { verdict: "review", found_by: "content" });
  const claim = { tenant: "t", library: "l", sha256: "f".repeat(64), source: "{}", metadata: "{}" };
  const times = { created_at: agoIso(1), updated_at: agoIso(1) };
  await insert("library_references", { ...claim, ...times, id: "r", status: "indexing", job_id: "j" });
  const open = { id: "imp", tenant: "t", library: "l", status: "running", total: 1 };
  await insert("imports", { ...open, ...times });
  await delivery({ status: "pending", next_attempt_at: agoIso(60) });
  await delivery({ status: "pending", next_attempt_at: agoIso(-60) });
  await delivery({ status: "failed", failed_at: agoIso(60) });
  await delivery({ status: "failed", failed_at: agoIso(4000) });

  const seen = await samples();
  expect(seen).toMatchObject({
    'twinframe_edge_checks_unfinished{status="queued"}': 2,
    'twinframe_edge_checks_unfinished{status="running"}': 1,
    'twinframe_edge_checks_ended_recently{status="completed",verdict="duplicate",found_by="exact_bytes"}': 2,
    'twinframe_edge_checks_ended_recently{status="completed",verdict="unique",found_by="none"}': 1,
    'twinframe_edge_checks_ended_recently{status="failed",verdict="none",found_by="none"}': 3,
    'twinframe_edge_check_problems_recently{code="not_a_video"}': 1,
    'twinframe_edge_check_problems_recently{code="backend_unavailable"}': 2,
    twinframe_edge_references_indexing: 1,
    twinframe_edge_imports_open: 1,
    twinframe_edge_webhook_deliveries_due: 1,
    twinframe_edge_webhook_deliveries_failed_recently: 1,
  });
  expect(Object.keys(seen).filter((name) => name.includes("review"))).toEqual([]);
  const oldest = seen.twinframe_edge_oldest_unfinished_check_seconds;
  expect(oldest).toBeGreaterThanOrEqual(1000);
  expect(oldest).toBeLessThan(1060);
  expect(seen.twinframe_edge_webhook_oldest_due_seconds).toBeGreaterThanOrEqual(60);
});

it("counts a real check by what came of it", async () => {
  await ask("/v1/checks?library=similar-metrics", { bytes: videoBytes(900, "metrics") });
  await ask("/v1/references/metrics?library=similar-metrics", {
    method: "PUT",
    bytes: videoBytes(900, "ref"),
  });
  await ask("/v1/checks?library=broken-metrics&index=if_unique", { bytes: videoBytes(900, "metrics-2") });
  expect(await samples()).toMatchObject({
    'twinframe_edge_checks_ended_recently{status="completed",verdict="unique",found_by="none"}': 1,
    'twinframe_edge_check_problems_recently{code="unreadable_video"}': 1,
  });
});

it.each([
  ["unfinished checks", UNFINISHED, "checks_waiting"],
  ["checks that ended", ENDED, "checks_ended"],
  ["references that wait", INDEXING, "library_references_unfinished"],
  ["deliveries that are due", DUE, "webhook_deliveries_due"],
  ["deliveries given up", FAILED, "webhook_deliveries_failed"],
])("asks for %s by an index alone", async (_, sql, index) => {
  const statement = env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`);
  const bound = sql.includes("?") ? statement.bind(agoIso(300)) : statement;
  const { results } = await bound.all<{ detail: string }>();
  const details = results.map(({ detail }) => detail).join("; ");
  expect(details).toMatch(new RegExp(`USING COVERING INDEX ${index}\\b`));
});
