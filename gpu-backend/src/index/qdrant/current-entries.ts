// Which of the hits' entries are current, and of which reference. Every search asks the server, since another process
// may have replaced any of them; only the reference of an entry's key is cached, which never changes.

import type { Connection } from "./connection.ts";
import { referencePointOf } from "./point-ids.ts";

const MOST_CACHED = 100_000;

interface Known {
  id: string;
  point: string;
}

export class CurrentEntries {
  readonly #connection: Connection;
  readonly #collection: string;
  readonly #known = new Map<string, Known>();

  constructor(connection: Connection, collection: string) {
    this.#connection = connection;
    this.#collection = collection;
  }

  /** Entry → id of its reference, for those entries that are current. */
  async among(entries: ReadonlySet<string>): Promise<Map<string, string>> {
    const { known, unknown } = this.#sort(entries);
    const [points, learned] = await Promise.all([this.#pointsOf(known), this.#learn(unknown)]);
    for (const entry of known) {
      const { id, point } = this.#known.get(entry) ?? {};
      if (id !== undefined && point !== undefined && points.has(point)) learned.set(entry, id);
    }
    const owners = new Set(Array.from(learned.keys(), (entry) => this.#known.get(entry)?.point));
    // Two of one reference: it was replaced between the two requests. Asked again, this time in one.
    if (owners.size < learned.size && known.length > 0) return this.among(entries);
    this.#forgetOldest();
    return learned;
  }

  /** Two entries of one reference are read in full: the point alone does not tell by which of them it was found. */
  #sort(entries: ReadonlySet<string>): { known: string[]; unknown: string[] } {
    const unknown: string[] = [];
    const byPoint = new Map<string, string[]>();
    for (const entry of entries) {
      const point = this.#known.get(entry)?.point;
      if (point === undefined) unknown.push(entry);
      else byPoint.set(point, [...(byPoint.get(point) ?? []), entry]);
    }
    const known: string[] = [];
    for (const together of byPoint.values()) (together.length === 1 ? known : unknown).push(...together);
    return { known, unknown };
  }

  /** Answered from the index of `entry` alone, without reading what is stored. */
  async #pointsOf(entries: string[]): Promise<Set<string>> {
    const points = await this.#scroll(entries, false);
    return new Set(points.map(({ id }) => String(id)));
  }

  async #learn(entries: string[]): Promise<Map<string, string>> {
    const learned = new Map<string, string>();
    for (const { payload } of await this.#scroll(entries, ["entry", "id", "library"])) {
      const { entry, id, library } = payload as { entry: string; id: string; library: string };
      this.#known.set(entry, { id, point: referencePointOf(library, id) });
      learned.set(entry, id);
    }
    return learned;
  }

  async #scroll(entries: string[], withPayload: false | string[]) {
    if (entries.length === 0) return [];
    const { points } = await this.#connection.call((client) =>
      client.scroll(this.#collection, {
        filter: { must: [{ key: "entry", match: { any: entries } }] },
        limit: entries.length,
        with_payload: withPayload,
        ...this.#connection.reading,
      }),
    );
    return points;
  }

  #forgetOldest(): void {
    for (const entry of this.#known.keys()) {
      if (this.#known.size <= MOST_CACHED) break;
      this.#known.delete(entry);
    }
  }
}
