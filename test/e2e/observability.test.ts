// Both services as they run, watched from outside: one trace through both, logs without secrets, and metrics by
// the names that the board and the alerts ask for.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expressionsOf, metricNamesIn } from "@twinframe/infra/observability/expressions";
import { expect, test } from "vitest";
import { edited, scene } from "./clips.ts";
import { type CollectedSpan, collectedSpans, collectedText } from "./collector.ts";
import { api, shared } from "./running.ts";
import { until } from "./until.ts";

// A video, a library and a trace of their own: other files' checks go through the same services.
const library = "observed";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const traceparent = `00-${TRACE}-${CALLER}-01`;

const logOf = (name: string) => readFile(join(shared.stateDir, "logs", `${name}.log`), "utf8");
/** The events among a log's lines. */
async function eventsOf(name: string): Promise<Record<string, unknown>[]> {
  const lines = (await logOf(name)).split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line));
}
const urlOf = (file: string, rest: string) =>
  `http://${shared.upstreamHost}/file/${Buffer.from(file).toString("base64url")}${rest}`;

test("a check that waits in the queue is one trace, from the caller to the backend's stages", async () => {
  await api.addReference(await scene("valley"), { id: "valley", library });
  const url = urlOf(await edited(await scene("valley"), "reencoded"), "?token=S3CR3T#S3CR3T");
  const headers = { traceparent, prefer: "wait=0" };
  const asked = await api.ask("POST", "/v1/checks", { json: { url, library }, headers });
  expect(asked.status).toBe(202);
  const check = await api.settled(asked.body.id);
  expect(check).toMatchObject({ duplicate_for: "valley", found_by: "content" });

  const last = ["twinframe-backend analysis", "twinframe-edge queue check"];
  const spans = await until("the backend's spans and the consumer's", async () => {
    const collected = await collectedSpans(shared.collectorHost, TRACE);
    const names = collected.map(({ service, name }) => `${service} ${name}`);
    return last.every((name) => names.includes(name)) ? collected : undefined;
  });
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const above = (span: CollectedSpan): string[] => {
    const parent = byId.get(span.parentSpanId ?? "");
    return [span.name, ...(parent ? above(parent) : [span.parentSpanId ?? ""])];
  };
  const stages = spans.filter(({ service, name }) => service === "twinframe-backend" && name !== "analysis");
  const names = new Set(stages.map(({ name }) => name));
  expect([...names]).toEqual(
    expect.arrayContaining(["wait", "fetch", "probe", "decode", "embed", "search", "align"]),
  );
  for (const stage of stages) {
    const way = above(stage);
    expect(way.slice(1, 4)).toEqual(["analysis", "backend request", "analysis"]);
    expect(way.slice(-2)).toEqual(["POST /v1/checks", CALLER]);
    expect(way).toContain("queue check");
    const analysis = byId.get(stage.parentSpanId!)!;
    expect(stage.startMs).toBeGreaterThanOrEqual(analysis.startMs - 1);
    expect(stage.endMs).toBeLessThanOrEqual(analysis.endMs + 1);
  }
  const analysis = spans.find(({ service, name }) => service === "twinframe-backend" && name === "analysis")!;
  expect(analysis.attributes).toMatchObject({
    "twinframe.id": check.id,
    "twinframe.kind": "check",
    "twinframe.outcome": "duplicate",
    "twinframe.found_by": "content",
  });

  const events = { edge: await eventsOf("edge"), backend: await eventsOf("backend") };
  const ended = events.backend.find(({ op, id }) => op === "analysis" && id === check.id)!;
  expect(ended).toMatchObject({ outcome: "duplicate", found_by: "content", trace_id: TRACE });
  expect(ended.stages_ms).toMatchObject({ decode: expect.any(Number), align: expect.any(Number) });
  const consumed = events.edge.find(
    ({ op, verdict, check_id }) => op === "queue check" && verdict && check_id === check.id,
  )!;
  expect(consumed).toMatchObject({ check_id: check.id, verdict: "duplicate", trace_id: TRACE });
  expect(ended.request_id).toBe(consumed.request_id);
});

test("an address's secrets are in no log and no trace, also when all goes wrong", async () => {
  const notVideo = urlOf(join(import.meta.dirname, "until.ts"), "?token=S3CR3T#S3CR3T");
  const urls = [
    notVideo,
    `http://S3CR3T:S3CR3T@${shared.upstreamHost}/status/500?token=S3CR3T`,
    `http://${shared.upstreamHost}/status/404/S3CR3T`,
    `http://${shared.upstreamHost}/reset/S3CR3T?token=S3CR3T`,
    "s3://videos/S3CR3T/S3CR3T",
  ];
  for (const url of urls) {
    const answer = await api.ask("POST", "/v1/checks", { json: { url, library } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    await api.ask("GET", `/v1/S3CR3T/${encodeURIComponent(url)}?${new URLSearchParams({ url })}`);
  }
  // A file that only the backend can see is broken: its link is signed.
  const broken = new Uint8Array(9000);
  broken.set(new TextEncoder().encode("....ftypisom"));
  const answer = await api.ask("POST", "/v1/checks?token=S3CR3T", { bytes: broken });
  expect(answer.status).toBe(400);
  // Straight at the backend, as a stranger.
  const stranger = { headers: { "x-request-id": "S3CR3T S3CR3T" } };
  expect((await fetch(`${shared.backendUrl}/S3CR3T?token=S3CR3T`, stranger)).status).toBe(401);
  const failed = await api.ask("POST", "/v1/checks", { bytes: broken });
  expect(failed.status).toBe(422);

  const requestId = failed.headers.get("x-request-id");
  await until("the backend's event", async () =>
    (await eventsOf("backend")).find(({ op, request_id }) => op === "analysis" && request_id === requestId),
  );
  for (const name of ["edge", "backend"]) {
    // `wrangler dev` writes the path of each request beside what the Worker writes.
    const lines = (await logOf(name)).split("\n").filter((line) => !line.startsWith("[wrangler:info]"));
    const text = lines.join("\n");
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain("S3CR3T");
    expect(text).not.toMatch(/[?&](?:signature|expires)=/);
  }
  const collected = await collectedText(shared.collectorHost);
  for (const secret of ["S3CR3T", shared.apiKey, "signature="]) expect(collected).not.toContain(secret);
});

test("the board and the alerts ask for metrics that there are, and for all that matter", async () => {
  const read = async (url: string) => {
    const response = await fetch(`${url}/metrics`, {
      headers: { authorization: `Bearer ${shared.metricsToken}` },
    });
    expect(response.status).toBe(200);
    return response.text();
  };
  const printed = `${await read(shared.edgeUrl)}\n${await read(shared.backendUrl)}`;
  const declared = [...printed.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name, type }));
  const existing = new Set(
    declared.flatMap(({ name, type }) =>
      type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name],
    ),
  );
  const expressions = await expressionsOf();
  expect(expressions.length).toBeGreaterThan(20);
  const asked = new Set(expressions.flatMap(metricNamesIn));
  // Prometheus' own, of every target.
  expect([...asked].filter((name) => name !== "up" && !existing.has(name!))).toEqual([]);
  const ours = declared.map(({ name }) => name!).filter((name) => name.startsWith("twinframe_"));
  const shown = (name: string) => [...asked].some((one) => one.startsWith(name));
  expect(ours.filter((name) => !shown(name))).toEqual([]);
});
