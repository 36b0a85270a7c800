// Spans made of the record of work that has ended, joined to the edge's trace, and sent by OTLP over HTTP from a
// bounded queue: when the collector is slow or gone, spans are dropped, and nothing else notices.

import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TraceContext } from "@twinframe/shared/trace-context";
import type { EndedWork, OnWorkEnded } from "../work/watch.ts";

const MAX_QUEUED_SPANS = 4096;
const MAX_STAGE_SPANS = 64;
const EXPORT_TIMEOUT_MS = 5000;
const EXPORT_EVERY_MS = 2000;
/** The process is about to end, with a grace of its own. */
const CLOSE_MS = 1500;

export interface Tracing {
  ended: OnWorkEnded;
  /** Sends waiting spans, with a short time limit. */
  close(): Promise<void>;
}

export function exportSpans(endpoint: string, serviceName: string): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_QUEUED_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("twinframe");
  const ended = (work: EndedWork) => {
    const { operation, id, kind, startMs, admittedMs, endMs, stages, bytes, outcome, foundBy, code } = work;
    const parent = work.request?.trace ?? null;
    const attributes = {
      "twinframe.id": id,
      "twinframe.kind": kind,
      "twinframe.outcome": outcome,
      "twinframe.found_by": foundBy,
      "twinframe.bytes": bytes,
      ...(code === null ? {} : { "error.type": code }),
      ...(work.request ? { "twinframe.request_id": work.request.requestId } : {}),
    };
    const span = tracer.startSpan(
      operation,
      { kind: SpanKind.SERVER, startTime: startMs, attributes },
      parent === null ? ROOT_CONTEXT : remote(parent),
    );
    const within = trace.setSpan(ROOT_CONTEXT, span);
    const child = (name: string, from: number, to: number) =>
      tracer.startSpan(name, { startTime: from }, within).end(to);
    child("wait", startMs, admittedMs ?? endMs);
    for (const { stage, startMs: from, endMs: to } of stages.slice(0, MAX_STAGE_SPANS))
      child(stage, from, to);
    if (code !== null) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endMs);
  };
  return {
    ended,
    close: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

function remote({ traceId, spanId, sampled }: TraceContext): Context {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
