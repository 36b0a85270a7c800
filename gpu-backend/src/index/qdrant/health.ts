// Whether the collections are sound. A red one has failed to apply something and may answer without it.

import type { Connection } from "./connection.ts";

const GOOD_FOR_MS = 5_000;
const WORST_FIRST = ["red", "yellow", "grey", "green"];

export interface Condition {
  status: string;
  segments: number;
}

export class Health {
  readonly #connection: Connection;
  readonly #collections: readonly string[];
  #last: { condition: Condition; untilMs: number } | null = null;

  constructor(connection: Connection, collections: readonly string[]) {
    this.#connection = connection;
    this.#collections = collections;
  }

  /** Throws when a collection is red. Unless it is to be fresh, asks every few seconds only. */
  async require({ fresh = false } = {}): Promise<Condition> {
    if (!fresh && this.#last && performance.now() < this.#last.untilMs) return this.#last.condition;
    const infos = await Promise.all(
      this.#collections.map((name) => this.#connection.call((client) => client.getCollection(name))),
    );
    const statuses = infos.map(({ status }) => status as string);
    const status = WORST_FIRST.find((one) => statuses.includes(one)) ?? "red";
    if (status === "red") throw new Error(`a collection of ${this.#collections.join(", ")} is red`);
    const segments = infos.reduce((sum, { segments_count }) => sum + segments_count, 0);
    const condition = { status, segments };
    this.#last = { condition, untilMs: performance.now() + GOOD_FOR_MS };
    return condition;
  }
}
