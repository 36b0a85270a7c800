// What is written down of an operation: one event in the log, and spans to a real collector, joined across the
// queue and to the backend. Nothing of it may hold a secret, or be in anybody's way.

import { parseTraceparent } from "@twinframe/shared/trace-context";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { ask, backendSeen, env, jsonOf } from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { HeldQueue, plan, received } from "../../test/webhook-client.ts";
import type { Env } from "../platform/env.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { logEvent, logFailure } from "../platform/telemetry/log.ts";
import { sweep } from "../worker/sweep.ts";
import { workMaintenance } from "./work.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";

let lines: string[];
beforeEach(() => {
  lines = [];
  const keep = (...parts: unknown[]) =>
    void lines.push(parts.map((part) => (part instanceof Error ? `${part.stack}` : String(part))).join(" "));
  for (const method of ["log", "error", "warn", "info"] as const)
    vi.spyOn(console, method).mockImplementation(keep);
});
afterEach(() => void vi.restoreAllMocks());

const events = () => lines.map((line) => JSON.parse(line));
const putOf = async (library: string) =>
  (await backendSeen(library)).calls.find(({ method }) => method === "PUT")!;

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  status: { code: number };
  attributes: unknown[];
}

async function spansAt(collector: string): Promise<Span[]> {
  return (await received(`traces-${collector}`)).flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
      resource.scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
}

function traced(collector: string): HeldQueue {
  const worker = new HeldQueue();
  const endpoint = `http://${inject("receiverHost")}/hook/traces-${collector}/`;
  worker.env = {
    ...worker.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=abc==, x-other=1",
  };
  return worker;
}

describe("the log", () => {
  it("has one event for a check: ids, verdict, times, bytes", async () => {
    const response = await ask("/v1/checks?library=log", { bytes: videoBytes(900, "log") });
    const { id } = await jsonOf(response);
    expect(events()).toEqual([
      {
        op: "POST /v1/checks",
        status: 200,
        ms: expect.any(Number),
        tenant: "default",
        key_id: expect.any(String),
        check_id: id,
        verdict: "unique",
        found_by: null,
        matches: 0,
        bytes: videoBytes(900, "log").length,
        timings_ms: expect.objectContaining({ decode: 3, embed: 4, total: expect.any(Number) }),
        request_id: response.headers.get("x-request-id"),
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it.each([
    ["a path", (host: string) => `http://${host}/status/404/SECRET`],
    ["a query", (host: string) => `http://${host}/html?token=SECRET&x=SECRET#SECRET`],
    ["a user", (host: string) => `http://SECRET:SECRET@${host}/status/500`],
    ["a broken connection", (host: string) => `http://${host}/reset/SECRET?SECRET`],
    ["nothing that listens", () => "http://127.0.0.1:1/SECRET?token=SECRET"],
    ["nonsense", () => "http://SECRET:SECRET@[SECRET/SECRET"],
  ])("and the traces have nothing of an address with %s, whatever becomes of it", async (_, urlOf) => {
    const worker = traced("hostile");
    const url = urlOf(inject("upstreamHost"));
    const response = await worker.ask("/v1/checks?SECRET=SECRET", { json: { url, library: "hostile" } });
    expect(response.status).toBeGreaterThanOrEqual(400);
    await worker.ask("/v1/checks", { json: { url, library: "hostile" } });
    await worker.ask("/v1/checks", { json: { url, library: "hostile" }, headers: { prefer: "wait=0" } });
    for (const job of worker.jobs) await worker.consume("twinframe-jobs", job);
    await worker.ask(`/v1/SECRET?${url}`);
    expect(lines.length).toBeGreaterThanOrEqual(4);
    expect(lines.join("\n")).not.toContain("SECRET");
    expect(JSON.stringify(await received("traces-hostile"))).not.toContain("SECRET");
  });
});

it("maintenance says what failed as everything else does, without addresses and keys", async () => {
  const secret = `https://host/S3CR3T?S3CR3T tf_${"a".repeat(26)}_S3CR3T`;
  const fails = {
    prepare: () => {
      throw new Error(secret);
    },
    send: () => Promise.reject(new Error(secret)),
  };
  const row = { id: "mnt_logged", kind: "optimise", request: secret, cancel_requested_at: null, state: "{" };
  const first = async () => row;
  const DB = { prepare: (sql: string) => ({ bind: () => ({ first, run: () => fails.prepare() }), sql }) };
  const context = requestContextOf({ ...env, DB, JOBS: fails } as unknown as Env, { waitUntil: () => {} });
  await expect(workMaintenance(context, "mnt_logged", 0)).rejects.toThrow();
  logFailure("it failed", { job_id: "mnt_logged", of: { text: secret } }, new Error(secret));
  logEvent({ op: "maintenance", told: [secret] });
  expect(events().length).toBeGreaterThanOrEqual(3);
  expect(events()[0]).toMatchObject({ level: "error", what: "a turn of a maintenance job failed" });
  expect(lines.join()).not.toContain("S3CR3T");
});

it("the event of what throws says why, without addresses", async () => {
  const DB = {
    prepare: () => {
      throw new Error("no answer from https://host/S3CR3T?S3CR3T");
    },
  };
  const context = requestContextOf({ ...env, DB } as unknown as Env, { waitUntil: () => {} });
  await expect(sweep(context, Date.now())).rejects.toThrow("no answer");
  expect(events()).toEqual([
    expect.objectContaining({
      op: "sweep",
      outcome: "failed",
      code: "internal_error",
      ms: expect.any(Number),
    }),
  ]);
  expect(lines.join()).toContain("no answer from https://…");
  expect(lines.join()).not.toContain("S3CR3T");
});

describe("a trace", () => {
  it("goes on from the caller's to the backend, with the request's id", async () => {
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01` };
    const response = await ask("/v1/checks?library=joined", { bytes: videoBytes(900, "joined"), headers });
    const { traceparent, requestId } = await putOf("joined");
    expect(parseTraceparent(traceparent)).toMatchObject({ traceId: TRACE, sampled: true });
    expect(traceparent).not.toContain(CALLER);
    expect(requestId).toBe(response.headers.get("x-request-id"));
    expect(events().map(({ trace_id }) => trace_id)).toEqual([TRACE]);
  });

  it("begins anew where the caller's is nonsense", async () => {
    const headers = { traceparent: `00-${"0".repeat(32)}-${CALLER}-01` };
    await ask("/v1/checks?library=anew", { bytes: videoBytes(900, "anew"), headers });
    const parsed = parseTraceparent((await putOf("anew")).traceparent);
    expect(parsed?.traceId).toMatch(/[1-9a-f]/);
  });

  it("reaches the collector with the right parents, and goes on behind the queue", async () => {
    const worker = traced("collected");
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, prefer: "wait=0" };
    const asked = { bytes: videoBytes(900, "collected"), headers };
    const response = await worker.ask("/v1/checks?library=collected", asked);
    expect(response.status).toBe(202);
    for (const job of worker.jobs) await worker.consume("twinframe-jobs", job);

    const spans = await spansAt("collected");
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const tree = spans.map(({ name, parentSpanId }) => [
      name,
      byId.get(parentSpanId ?? "")?.name ?? parentSpanId,
    ]);
    expect(tree).toEqual(
      expect.arrayContaining([
        ["POST /v1/checks", CALLER],
        ["intake", "POST /v1/checks"],
        ["look-up", "intake"],
        ["queue check", "POST /v1/checks"],
        ["analysis", "queue check"],
        ["backend request", "analysis"],
      ]),
    );
    const request = spans.find(({ name }) => name === "backend request")!;
    expect((await putOf("collected")).traceparent).toBe(`00-${TRACE}-${request.spanId}-01`);
    const [first] = await received("traces-collected");
    expect(first!.path).toBe("/hook/traces-collected/v1/traces");
    expect(first!.headers).toMatchObject({ "x-collector-key": "abc==", "x-other": "1" });
  });

  it("that the caller does not keep is not sent, and the backend is told so", async () => {
    const worker = traced("unkept");
    const headers = { traceparent: `00-${TRACE}-${CALLER}-00` };
    await worker.ask("/v1/checks?library=unkept", { bytes: videoBytes(900, "unkept"), headers });
    expect(await received("traces-unkept")).toEqual([]);
    expect(parseTraceparent((await putOf("unkept")).traceparent)).toMatchObject({ sampled: false });
    worker.env = { ...worker.env, OTEL_TRACES_SAMPLER_ARG: "0" };
    await worker.ask("/v1/checks?library=unkept-2", { bytes: videoBytes(900, "unkept-2") });
    expect(await received("traces-unkept")).toEqual([]);
  });

  it("is lost without harm when the collector is", async () => {
    await plan("traces-down", { how: "reset" }, { status: 500 });
    const worker = traced("down");
    for (const seed of ["down-1", "down-2"]) {
      const response = await worker.ask("/v1/checks?library=down", { bytes: videoBytes(900, seed) });
      expect(response.status).toBe(200);
    }
    expect((await received("traces-down")).length).toBe(2);
    expect(lines.filter((line) => JSON.parse(line).level === "error")).toEqual([]);
  });

  it("of watching and of objects is not kept", async () => {
    const worker = traced("watching");
    for (const path of ["/livez", "/readyz", "/metrics", "/internal/objects/x"]) await worker.ask(path);
    expect(await received("traces-watching")).toEqual([]);
  });

  it("shows a failure by its code", async () => {
    const worker = traced("failing");
    await worker.ask("/v1/checks?library=busy-failing", { bytes: videoBytes(900, "failing") });
    const spans = await spansAt("failing");
    const failed = spans.filter(({ status }) => status.code === 2);
    expect(failed.map(({ name }) => name)).toEqual(expect.arrayContaining(["analysis", "POST /v1/checks"]));
    const type = { key: "error.type", value: { stringValue: "overloaded" } };
    for (const { attributes } of failed) expect(attributes).toContainEqual(type);
  });
});
