// The backends that write under a prefix. Each registers itself and renews that every few seconds, so that backends and
// operators know of them. Several may write: each reads again after its writes (decision 29), which is right only while
// all of them read and write with the same consistency; a backend with another setting is refused.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { WriterProcess } from "../index-store.ts";
import { createUnlessThere } from "./collections.ts";
import type { Connection } from "./connection.ts";
import { backendsOf } from "./names.ts";
import { requireApplied, WRITE } from "./writing.ts";

const RENEW_EVERY_MS = 15_000;
/** A backend that has not renewed its registration for so long has stopped. */
const STOPPED_AFTER_MS = 60_000;
const MOST_BACKENDS = 1_000;

interface BackendPayload {
  host: string;
  pid: number;
  since: string;
  seen_ms: number;
  replicas: number;
  write_consistency: number;
}

export class Backends {
  readonly #connection: Connection;
  readonly #collection: string;
  readonly #id = randomUUID();
  readonly #since = new Date().toISOString();
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, prefix: string) {
    this.#connection = connection;
    this.#collection = backendsOf(prefix);
  }

  /** Registers this backend. Throws when an active one has other settings. */
  async join(): Promise<void> {
    const { replicas, writeConsistency } = this.#connection.settings;
    await createUnlessThere(this.#connection, this.#collection, {
      vectors: {},
      replication_factor: replicas,
      write_consistency_factor: writeConsistency,
    });
    for (const { host, pid, ...other } of await this.#active())
      if (other.replicas !== replicas || other.write_consistency !== writeConsistency)
        throw new Error(
          `the backend ${host}:${pid} writes under the same TWINFRAME_QDRANT_PREFIX with TWINFRAME_QDRANT_REPLICAS ${other.replicas} and TWINFRAME_QDRANT_WRITE_CONSISTENCY ${other.write_consistency}: give both the same, or another prefix; one that was stopped is forgotten after ${STOPPED_AFTER_MS / 1000} s`,
        );
    await this.#register();
    // A failed renewal is made up for by the next.
    this.#timer = setInterval(() => this.#register().catch(() => undefined), RENEW_EVERY_MS).unref();
  }

  async list(): Promise<WriterProcess[]> {
    const there = await this.#active();
    return there.map(({ host, pid, since, seen_ms }) => ({
      name: `${host}:${pid}`,
      since,
      seenAt: new Date(seen_ms).toISOString(),
    }));
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer);
    await this.#connection
      .call((client) => client.delete(this.#collection, { ...WRITE, points: [this.#id] }))
      .catch(() => undefined);
  }

  async #active(): Promise<BackendPayload[]> {
    const { points } = await this.#connection.call((client) =>
      client.scroll(this.#collection, { limit: MOST_BACKENDS, ...this.#connection.reading }),
    );
    const earliestMs = Date.now() - STOPPED_AFTER_MS;
    return points
      .map(({ payload }) => payload as unknown as BackendPayload)
      .filter(({ seen_ms }) => seen_ms > earliestMs)
      .sort((a, b) => (a.since < b.since ? -1 : 1));
  }

  async #register(): Promise<void> {
    const { replicas, writeConsistency } = this.#connection.settings;
    const payload: BackendPayload = {
      host: hostname(),
      pid: process.pid,
      since: this.#since,
      seen_ms: Date.now(),
      replicas,
      write_consistency: writeConsistency,
    };
    const gone = { must: [{ key: "seen_ms", range: { lt: Date.now() - STOPPED_AFTER_MS } }] };
    await this.#connection.call(async (client) => {
      requireApplied(
        await client.upsert(this.#collection, {
          ...WRITE,
          points: [{ id: this.#id, vector: {}, payload: { ...payload } }],
        }),
      );
      await client.delete(this.#collection, { ...WRITE, filter: gone });
    });
  }
}
