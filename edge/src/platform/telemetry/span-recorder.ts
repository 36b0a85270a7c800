// The spans of one operation. They are handed on together when it has ended; those that end later, behind the
// response, each by itself.

import type { TraceContext } from "@twinframe/shared/trace-context";

export type SpanKind = "server" | "client" | "consumer" | "internal";
export type Attributes = Record<string, string | number | boolean>;

export interface StartedSpan extends TraceContext {
  name: string;
  kind: SpanKind;
  parentSpanId: string | null;
  attributes: Attributes;
}

export interface EndedSpan extends StartedSpan {
  startMs: number;
  endMs: number;
  failed: boolean;
}

/** More say no more of one operation. */
const MAX_SPANS = 200;

export class SpanRecorder {
  readonly #open = new Map<string, Omit<EndedSpan, "endMs">>();
  readonly #handOn: (spans: EndedSpan[]) => void;
  #ended: EndedSpan[] = [];
  #started = 0;
  #isClosed = false;

  constructor(handOn: (spans: EndedSpan[]) => void) {
    this.#handOn = handOn;
  }

  start(span: StartedSpan): void {
    if (this.#started++ < MAX_SPANS)
      this.#open.set(span.spanId, { ...span, startMs: Date.now(), failed: false });
  }

  describe(spanId: string, attributes: Attributes, name?: string): void {
    const span = this.#open.get(spanId);
    if (span === undefined) return;
    span.attributes = { ...span.attributes, ...attributes };
    if (name !== undefined) span.name = name;
  }

  /** `code`: which problem it was. Texts of errors may name addresses. */
  fail(spanId: string, code: string): void {
    this.describe(spanId, { "error.type": code });
    const span = this.#open.get(spanId);
    if (span !== undefined) span.failed = true;
  }

  end(spanId: string): void {
    const span = this.#open.get(spanId);
    if (span === undefined) return;
    this.#open.delete(spanId);
    this.#ended.push({ ...span, endMs: Date.now() });
    if (this.#isClosed) this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    this.#flush();
  }

  #flush(): void {
    const ended = this.#ended;
    this.#ended = [];
    if (ended.length > 0) this.#handOn(ended);
  }
}
