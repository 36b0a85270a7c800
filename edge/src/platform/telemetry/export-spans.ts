// Sends spans to a collector by OTLP over HTTP, as JSON. A Worker has no timers between requests, so each
// operation takes along what waits. Nothing waits for it: what does not fit into the queue, or does not arrive, is
// lost.

import type { HrTime, SpanContext } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { TracingSettings } from "../configuration.ts";
import type { EndedSpan } from "./span-recorder.ts";

type ReadableSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];

const MAX_QUEUED = 2048;
const MAX_BATCH = 256;
const MAX_SENDING = 4;
const TIMEOUT_MS = 5000;

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};
const SCOPE = { name: "twinframe" };

/** Of this isolate, for all operations in it. */
const queue: EndedSpan[] = [];
/** When each sending began: an invocation that is cut off never says that it has ended. */
const sending = new Set<number>();
const resources = new Map<string, Resource>();

const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];

export async function exportSpans(settings: TracingSettings, spans: readonly EndedSpan[]): Promise<void> {
  queue.push(...spans.slice(0, Math.max(0, MAX_QUEUED - queue.length)));
  const nowMs = Date.now();
  for (const sinceMs of sending) if (nowMs - sinceMs > 2 * TIMEOUT_MS) sending.delete(sinceMs);
  if (sending.size >= MAX_SENDING) return;
  // A number of its own, also within one millisecond.
  let ticket = nowMs;
  while (sending.has(ticket)) ticket += 0.001;
  sending.add(ticket);
  try {
    while (queue.length > 0) await send(settings, queue.splice(0, MAX_BATCH));
  } finally {
    sending.delete(ticket);
  }
}

async function send({ endpoint, headers, serviceName }: TracingSettings, spans: EndedSpan[]): Promise<void> {
  let resource = resources.get(serviceName);
  if (resource === undefined) {
    resource = resourceFromAttributes({ "service.name": serviceName });
    resources.set(serviceName, resource);
  }
  const of = resource;
  const body = JsonTraceSerializer.serializeRequest(spans.map((span) => readable(span, of)));
  if (body === undefined) return;
  await fetch(`${endpoint}/v1/traces`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
    .then((response) => response.body?.cancel())
    .catch(() => {});
}

function readable(span: EndedSpan, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentSpanId, startMs, endMs } = span;
  const context: SpanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentSpanId === null ? {} : { parentSpanContext: { ...context, spanId: parentSpanId } }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status: { code: span.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: span.attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
