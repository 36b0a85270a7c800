// The one way to the server: time limits, repeats with growing and random pauses, the circuit breaker, and one
// error for all that goes wrong. Every call that is made here may be made twice.

import { setTimeout as pause } from "node:timers/promises";
import { QdrantClient } from "@qdrant/js-client-rest";
import { ProblemError } from "@twinframe/shared/problem";
import { CircuitBreaker, CircuitOpen } from "./circuit-breaker.ts";
import type { QdrantSettings } from "./settings.ts";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const GREATEST_PAUSE_MS = 1_000;

/** An answer that says no. */
class QdrantRefusal extends Error {
  override readonly name = "QdrantRefusal";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Connection {
  readonly settings: QdrantSettings;
  readonly #quick: QdrantClient;
  readonly #slow: QdrantClient;
  readonly #breaker = new CircuitBreaker();
  readonly #origin: string;

  constructor(settings: QdrantSettings) {
    this.settings = settings;
    const { url, apiKey } = settings;
    const at = new URL(url);
    const port = at.port ? Number(at.port) : at.protocol === "https:" ? 443 : 6333;
    this.#origin = `${at.protocol}//${at.hostname}:${port}`;
    // As a header, not as `apiKey`: that prints a warning in private networks without TLS.
    const headers = apiKey ? { "api-key": apiKey } : {};
    const client = (timeout: number) =>
      new QdrantClient({ url: this.#origin, port, headers, timeout, checkCompatibility: false });
    this.#quick = client(settings.timeoutMs);
    this.#slow = client(settings.snapshotTimeoutMs);
  }

  /**
   * What every read asks for: where there are replicas, a majority of them, so that it sees each acknowledged
   * write, which a majority has (`writeConsistency`).
   */
  get reading(): { consistency?: "majority" } {
    return this.settings.replicas > 1 ? { consistency: "majority" } : {};
  }

  /** Where the server finds itself, for snapshots that it is to read from its own list. */
  get origin(): string {
    return this.#origin;
  }

  call<T>(work: (client: QdrantClient) => Promise<T>): Promise<T> {
    return this.#guarded(() => work(this.#quick));
  }

  /** Once only and without a short limit: snapshots. */
  async callSlowly<T>(work: (client: QdrantClient) => Promise<T>): Promise<T> {
    return this.#guarded(() => work(this.#slow), 1);
  }

  /**
   * Past the client, for the two bodies that are large: it gives JSON.parse a reviver and JSON.stringify a
   * replacer, called for each of their numbers, which takes several times as long.
   */
  send<T>(method: "POST" | "PUT", path: string, body: string): Promise<T> {
    return this.#guarded(async () => {
      const { apiKey, timeoutMs } = this.settings;
      const response = await fetch(`${this.#origin}${path}`, {
        method,
        body,
        headers: { "content-type": "application/json", ...(apiKey ? { "api-key": apiKey } : {}) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      if (!response.ok) throw new QdrantRefusal(response.status, text.slice(0, 300));
      const answer = JSON.parse(text) as { status: unknown; result: T };
      if (answer.status !== "ok" || answer.result === null || answer.result === undefined)
        throw new Error("the server answered without a result");
      return answer.result;
    });
  }

  async #guarded<T>(work: () => Promise<T>, attempts = ATTEMPTS): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#breaker.run(work, isFailure);
      } catch (error) {
        const isLast = attempt >= attempts || !isFailure(error) || error instanceof CircuitOpen;
        if (isLast) throw unavailable(error);
        const most = Math.min(GREATEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
        await pause(Math.random() * most);
      }
    }
  }
}

/** The server's status code; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof ProblemError ? error.options.cause : error;
  return (cause as { status?: number } | undefined)?.status;
}

/** What the server said, for telling refusals apart; never shown to users. */
export function refusalOf(error: unknown): string {
  const cause = error instanceof ProblemError ? error.options.cause : error;
  const said = (cause as { data?: { status?: { error?: string } } } | undefined)?.data?.status?.error;
  return said ?? (cause instanceof Error ? cause.message : "");
}

/** Whether the same call may succeed later: no answer, or one that blames the server or its load. */
function isFailure(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429 || status === 408;
}

export function unavailable(cause: unknown): ProblemError {
  if (cause instanceof ProblemError) return cause;
  return new ProblemError("index_unavailable", "The index could not be reached; try again shortly.", {
    cause,
  });
}
