// What the Worker is at: one request, one message, one sweep. Code along the way adds facts to its log event and
// spans to its trace, without its being handed from call to call.

import { AsyncLocalStorage } from "node:async_hooks";
import { toProblem } from "@twinframe/shared/problem";
import {
  newSpanId,
  TRACEPARENT_HEADER,
  type TraceContext,
  traceparentOf,
} from "@twinframe/shared/trace-context";
import { Interrupted } from "../deadline.ts";
import type { Attributes, SpanKind, SpanRecorder } from "./span-recorder.ts";

export interface Operation {
  /** Goes to the backend, too, so that its log can be joined. */
  requestId: string;
  /** Of its log event. */
  facts: Record<string, unknown>;
  /** Null: nobody collects spans, or not this trace's. */
  recorder: SpanRecorder | null;
}

interface Current {
  operation: Operation;
  /** With the span that is at work. */
  trace: TraceContext;
}

const storage = new AsyncLocalStorage<Current>();

/** The ids that join log events to one another. */
export function currentIds(): { request_id?: string; trace_id?: string } {
  const current = storage.getStore();
  if (current === undefined) return {};
  return { request_id: current.operation.requestId, trace_id: current.trace.traceId };
}

/** Of the span at work, for whoever goes on with it: the backend, or a message's consumer. */
export function currentTraceparent(): string | undefined {
  const current = storage.getStore();
  return current && traceparentOf(current.trace);
}

/** For requests to the backend. */
export function traceHeaders(): Record<string, string> {
  const current = storage.getStore();
  if (current === undefined) return {};
  return {
    [TRACEPARENT_HEADER]: traceparentOf(current.trace),
    "x-request-id": current.operation.requestId,
  };
}

/** For the log event of the operation at work: ids, verdicts, times; never an address. */
export function addFacts(facts: Record<string, unknown>): void {
  Object.assign(storage.getStore()?.operation.facts ?? {}, facts);
}

export const inOperation = <T>(operation: Operation, trace: TraceContext, work: () => T): T =>
  storage.run({ operation, trace }, work);

/** A part of the operation's work as a span of its own; nothing but the work where none are collected. */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  kind: SpanKind = "internal",
): Promise<T> {
  const current = storage.getStore();
  const recorder = current?.operation.recorder;
  if (!current || !recorder) return work();
  const trace = { ...current.trace, spanId: newSpanId() };
  recorder.start({ name, kind, attributes, parentSpanId: current.trace.spanId, ...trace });
  try {
    return await storage.run({ operation: current.operation, trace }, work);
  } catch (error) {
    // Handed over, it has not failed.
    if (error instanceof Interrupted) recorder.describe(trace.spanId, { "twinframe.interrupted": true });
    else recorder.fail(trace.spanId, toProblem(error).code);
    throw error;
  } finally {
    recorder.end(trace.spanId);
  }
}
