// One operation from its start to its end: its ids, its trace, its event in the log.

import { newId } from "@twinframe/shared/ids";
import { toProblem } from "@twinframe/shared/problem";
import { newSpanId, newTrace, parseTraceparent } from "@twinframe/shared/trace-context";
import { loggedError } from "@twinframe/shared/without-addresses";
import type { TracingSettings } from "../configuration.ts";
import { logEvent } from "./log.ts";
import { inOperation, type Operation } from "./operation.ts";
import { type EndedSpan, type SpanKind, SpanRecorder } from "./span-recorder.ts";

export interface OperationStart {
  name: string;
  kind: SpanKind;
  requestId?: string;
  /** Of whoever asked for it, or began it. */
  traceparent?: string | null | undefined;
  /** Null: no spans. */
  tracing: TracingSettings | null;
  defer(work: Promise<unknown>): void;
}

export interface OperationEnd {
  /** What it is called, now that this is known. */
  name?: string;
  failed: boolean;
  event: Record<string, unknown>;
}

/** `end` says what became of it. What throws is logged by its problem's code, and thrown on. */
export async function runOperation<T>(
  { name, kind, requestId = newId("req"), traceparent, tracing, defer }: OperationStart,
  work: () => Promise<T>,
  end: (value: T, ms: number) => OperationEnd,
): Promise<T> {
  const startedMs = Date.now();
  const parent = parseTraceparent(traceparent);
  const trace = parent === null ? newTrace(tracing?.ratio ?? 1) : { ...parent, spanId: newSpanId() };
  const recorder = tracing !== null && trace.sampled ? recorderTo(tracing, defer) : null;
  const operation: Operation = { requestId, facts: {}, recorder };
  const parentSpanId = parent?.spanId ?? null;
  recorder?.start({ name, kind, parentSpanId, attributes: { "twinframe.request_id": requestId }, ...trace });
  const ended = ({ name: op = name, failed, event }: OperationEnd) => {
    const all = { ...event, ...operation.facts };
    recorder?.describe(trace.spanId, attributesOf(all), op);
    if (failed) recorder?.fail(trace.spanId, typeof all.code === "string" ? all.code : "failed");
    recorder?.end(trace.spanId);
    recorder?.close();
    logEvent({ op, ...all, request_id: requestId, trace_id: trace.traceId });
  };
  let value: T;
  try {
    value = await inOperation(operation, trace, work);
  } catch (error) {
    ended({ failed: true, event: { outcome: "failed", ...failureOf(error), ms: Date.now() - startedMs } });
    throw error;
  }
  ended(end(value, Date.now() - startedMs));
  return value;
}

const failureOf = (error: unknown) => ({ code: toProblem(error).code, error: loggedError(error) });

function recorderTo(tracing: TracingSettings, defer: OperationStart["defer"]): SpanRecorder {
  const send = async (spans: EndedSpan[]) => {
    // Loaded with the first spans: a Worker that sends none does not run it.
    const { exportSpans } = await import("./export-spans.ts");
    await exportSpans(tracing, spans);
  };
  return new SpanRecorder((spans) => defer(send(spans)));
}

/** Of the event's fields those that are plain values. */
function attributesOf(event: Record<string, unknown>) {
  const plain = Object.entries(event).filter((entry): entry is [string, string | number | boolean] =>
    ["string", "number", "boolean"].includes(typeof entry[1]),
  );
  return Object.fromEntries(plain.map(([name, value]) => [`twinframe.${name}`, value]));
}
