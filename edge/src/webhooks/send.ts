// One request to a receiver, and what came of it. Nothing of it is thrown.

import type { AttemptError } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { fetchOutbound } from "../ingest/outbound.ts";
import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";

export interface Outcome {
  /** Null when nothing was answered. */
  status: number | null;
  /** Null for success. */
  error: AttemptError | null;
  response: string | null;
  retryAfter: string | null;
}

const USER_AGENT = "Twinframe-Webhooks";
const MAX_READ_BYTES = 64 * 1024;
const KEPT_BYTES = 1024;

export const notSent = (error: AttemptError): Outcome => ({
  status: null,
  response: null,
  retryAfter: null,
  error,
});

function errorOf(status: number): AttemptError | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return "redirect";
  return status === 410 ? "gone" : "bad_status";
}

/** The beginning of the body as text that can be shown. What is beyond the limit is not read. */
async function beginningOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const kept = new Uint8Array(KEPT_BYTES);
  let read = 0;
  for await (const chunk of body ?? []) {
    if (read < KEPT_BYTES) kept.set(chunk.subarray(0, KEPT_BYTES - read), read);
    read += chunk.byteLength;
    if (read >= MAX_READ_BYTES) break;
  }
  const text = new TextDecoder().decode(kept.subarray(0, Math.min(read, KEPT_BYTES)));
  return text.replace(/[^\P{Cc}\n\t]/gu, "\u{fffd}");
}

export async function send(
  { webhooks, outbound }: Pick<Configuration, "webhooks" | "outbound">,
  url: URL,
  headers: Record<string, string>,
  body: string,
): Promise<Outcome> {
  const abort = new AbortController();
  const timedOut = new Error("timed out");
  let status: number | null = null;
  const exchange = async (): Promise<Outcome> => {
    const response = await fetchOutbound(outbound, url, webhooks.allowedHosts, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": USER_AGENT, ...headers },
      body,
      signal: abort.signal,
    });
    status = response.status;
    const beginning = await beginningOf(response.body);
    return {
      status,
      error: errorOf(status),
      response: beginning,
      retryAfter: response.headers.get("retry-after"),
    };
  };
  try {
    return await within(exchange(), { ms: webhooks.timeoutMs, expired: () => timedOut });
  } catch (error) {
    // Of the problems only one can come: that the name resolves to an address which is refused.
    if (error instanceof ProblemError) return notSent("address_refused");
    return { ...notSent(error === timedOut ? "timeout" : "connection_failed"), status };
  } finally {
    abort.abort();
  }
}
