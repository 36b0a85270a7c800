// Spans to a collector that is well, that hangs and that is gone.

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { EndedWork } from "../work/watch.ts";
import { startTracing } from "./tracing.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function collector(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
}

async function tracingTo(endpoint: string) {
  const tracing = await startTracing({ endpoint, serviceName: "test" });
  if (!tracing) throw new Error("no tracing");
  return tracing;
}

const work = (sampled: boolean, code: EndedWork["code"] = null): EndedWork => ({
  operation: "analysis",
  id: "chk_1",
  kind: "check",
  outcome: "unique",
  foundBy: "none",
  bytes: 7,
  code,
  startMs: Date.now() - 100,
  admittedMs: Date.now() - 90,
  endMs: Date.now(),
  stages: [{ stage: "decode", startMs: Date.now() - 80, endMs: Date.now() - 20 }],
  request: { requestId: "req_1", trace: { traceId: TRACE, spanId: PARENT, sampled } },
});

it("nothing is loaded or made where no collector is configured", async () => {
  expect(await startTracing({ endpoint: undefined, serviceName: "test" })).toBeUndefined();
});

it("what is sampled arrives, with its times and its failure; what is not does not", async () => {
  const bodies: { path: string; body: string }[] = [];
  const endpoint = await collector(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push({ path: request.url ?? "", body });
    response.end("{}");
  });
  const tracing = await tracingTo(endpoint);
  tracing.ended(work(false));
  tracing.ended(work(true, "index_unavailable"));
  await tracing.close();
  expect(bodies.map(({ path }) => path)).toEqual(["/base/v1/traces"]);
  const [{ resource, scopeSpans }] = JSON.parse(bodies[0]!.body).resourceSpans;
  expect(resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "test" } });
  const spans = scopeSpans[0].spans as { name: string; spanId: string; parentSpanId: string }[];
  expect(spans.map(({ name }) => name).sort()).toEqual(["analysis", "decode", "wait"]);
  const analysis = spans.find(({ name }) => name === "analysis")!;
  expect(analysis).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, status: { code: 2 } });
  for (const span of spans.filter((one) => one !== analysis))
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: analysis.spanId });
  const decode = spans.find(({ name }) => name === "decode") as unknown as Record<string, string>;
  const tookMs = Number(BigInt(decode.endTimeUnixNano!) - BigInt(decode.startTimeUnixNano!)) / 1e6;
  expect(tookMs).toBeCloseTo(60, 0);
});

it.each([
  ["hangs", () => collector(() => {})],
  ["is gone", async () => "http://127.0.0.1:1"],
])("a collector that %s holds up nothing, and neither does more than the queue holds", async (_, start) => {
  const tracing = await tracingTo(await start());
  for (let n = 0; n < 5000; n++) tracing.ended(work(true));
  await tracing.close();
});
