// Whether the collections are sound. A red one has failed to apply something and may answer without it.

import type { Connection } from "./connection.ts";

const GOOD_FOR_MS = 5_000;
const WORST_FIRST = ["red", "yellow", "grey", "green"];

export class Health {
  readonly #connection: Connection;
  readonly #collections: readonly string[];
  #soundUntil = 0;

  constructor(connection: Connection, collections: readonly string[]) {
    this.#connection = connection;
    this.#collections = collections;
  }

  async look(): Promise<{ status: string; segments: number }> {
    const infos = await Promise.all(
      this.#collections.map((name) => this.#connection.call((client) => client.getCollection(name))),
    );
    const statuses = infos.map(({ status }) => status as string);
    return {
      status: WORST_FIRST.find((status) => statuses.includes(status)) ?? "red",
      segments: infos.reduce((sum, { segments_count }) => sum + segments_count, 0),
    };
  }

  /** Throws when a collection is red. Asks at most every few seconds. */
  async require(): Promise<void> {
    if (performance.now() < this.#soundUntil) return;
    const { status } = await this.look();
    if (status === "red") throw new Error(`a collection of ${this.#collections.join(", ")} is red`);
    this.#soundUntil = performance.now() + GOOD_FOR_MS;
  }
}
