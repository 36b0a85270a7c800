// W3C Trace Context: how one service tells the next which trace a request belongs to. `tracestate` is not passed on.

import { toHex } from "./signing/hmac.ts";

export const TRACEPARENT_HEADER = "traceparent";

export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits: the span that is at work. */
  spanId: string;
  /** Whether spans of this trace are kept. */
  sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Null for what is absent or not well formed. Never throws on what a stranger can send. */
export function parseTraceparent(header: string | null | undefined): TraceContext | null {
  const parts = header && header.length <= 256 ? TRACEPARENT.exec(header) : null;
  if (parts === null) return null;
  const [, version, traceId, spanId, flags, more] = parts as unknown as string[];
  // Version ff is forbidden, and 00 has nothing behind its flags.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return null;
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & SAMPLED) === SAMPLED };
}

export const traceparentOf = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;

const randomHex = (bytes: number) => toHex(crypto.getRandomValues(new Uint8Array(bytes)));

export const newSpanId = () => randomHex(8);

/** A trace that begins here; `ratio` of them are kept. */
export function newTrace(ratio: number): TraceContext {
  return { traceId: randomHex(16), spanId: newSpanId(), sampled: Math.random() < ratio };
}
