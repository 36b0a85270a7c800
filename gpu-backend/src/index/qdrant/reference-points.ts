// The references' collection: a point each, without a vector. A write to it makes an entry the current one; it takes
// effect only if no other process has changed the point since it was read.

import type { Schemas } from "@qdrant/js-client-rest";
import type { EntryPosition, ListedReference, ReferenceRecord } from "../reference-record.ts";
import type { Connection } from "./connection.ts";
import { pointAfter, referencePointOf } from "./point-ids.ts";
import {
  availabilityPayload,
  HEAD_FIELDS,
  type Head,
  headOf,
  IS_OUT,
  LISTED_FIELDS,
  payloadOf,
  type ReferencePayload,
  recordOf,
  tombstoneOf,
  type WrittenEntry,
} from "./reference-payload.ts";
import { requireApplied, WRITE } from "./writing.ts";

const MOST_BY_PACKETS = 100;

export class ReferencePoints {
  readonly #connection: Connection;
  readonly #collection: string;

  constructor(connection: Connection, collection: string) {
    this.#connection = connection;
    this.#collection = collection;
  }

  async head(library: string, id: string): Promise<Head | null> {
    const [payload] = await this.#retrieve([referencePointOf(library, id)], HEAD_FIELDS);
    return payload ? headOf(payload) : null;
  }

  /** Takes effect only while the point's state is `before`; read the head to see whether it did. */
  async put(
    record: ReferenceRecord,
    track: Uint8Array,
    entry: WrittenEntry,
    before: Head | null,
  ): Promise<void> {
    const payload = payloadOf(record, track, entry, before);
    await this.#replace(referencePointOf(record.library, record.id), { ...payload }, before);
  }

  /** Of this entry, where its own is not greater. */
  async setAvailability(library: string, id: string, entry: string, availability: number): Promise<void> {
    const filter = {
      must: [{ has_id: [referencePointOf(library, id)] }, { key: "entry", match: { value: entry } }],
      must_not: [{ key: "availability", range: { gte: availability } }],
    };
    const payload = availabilityPayload(availability);
    await this.#connection.call(async (client) =>
      requireApplied(await client.setPayload(this.#collection, { ...WRITE, payload, filter })),
    );
  }

  async count(library: string): Promise<number> {
    const filter = { must: [{ key: "library", match: { value: library } }] };
    const { count } = await this.#connection.call((client) =>
      client.count(this.#collection, { filter, exact: true }),
    );
    return count;
  }

  /** Takes effect as put does: replaces the entry by a tombstone. */
  async bury(library: string, id: string, before: Head): Promise<void> {
    await this.#replace(referencePointOf(library, id), tombstoneOf(before), before);
  }

  async #replace(id: string, payload: Record<string, unknown>, before: Head | null): Promise<void> {
    const condition = before
      ? { update_filter: { must: [{ key: "entry", match: { value: before.entry } }] } }
      : { update_mode: "insert_only" as const };
    await this.#connection.call(async (client) =>
      requireApplied(
        await client.upsert(this.#collection, {
          ...WRITE,
          points: [{ id, payload, vector: {} }],
          ...condition,
        }),
      ),
    );
  }

  /** The tombstone's point, unless something else stands there by now. */
  async removeTombstone(library: string, id: string, { entry }: Head): Promise<void> {
    const must = [{ has_id: [referencePointOf(library, id)] }, { key: "entry", match: { value: entry } }];
    await this.remove({ must });
  }

  async remove(filter: Schemas["Filter"]): Promise<void> {
    await this.#connection.call(async (client) =>
      requireApplied(await client.delete(this.#collection, { ...WRITE, filter })),
    );
  }

  async get(library: string, id: string): Promise<ReferenceRecord | null> {
    const [payload] = await this.#retrieve([referencePointOf(library, id)], LISTED_FIELDS);
    return payload?.library ? recordOf(payload) : null;
  }

  /** Packed tracks with the durations of their videos, in one request. */
  async tracks(
    library: string,
    ids: readonly string[],
  ): Promise<{ id: string; durationS: number; track: Buffer }[]> {
    if (ids.length === 0) return [];
    const points = ids.map((id) => referencePointOf(library, id));
    const found = await this.#retrieve(points, ["id", "duration_s", "track"]);
    return found
      .filter(({ track }) => track !== undefined)
      .map(({ id, duration_s, track }) => ({
        id,
        durationS: duration_s,
        track: Buffer.from(track, "base64"),
      }));
  }

  async byPackets(library: string, packetsSha256: string): Promise<ReferenceRecord[]> {
    const { points } = await this.#connection.call((client) =>
      client.scroll(this.#collection, {
        filter: {
          must: [
            { key: "library", match: { value: library } },
            { key: "packets_sha256", match: { value: packetsSha256 } },
          ],
          must_not: [IS_OUT],
        },
        limit: MOST_BY_PACKETS,
        with_payload: [...LISTED_FIELDS, "since_ms"],
        ...this.#connection.reading,
      }),
    );
    return points
      .map(({ payload }) => payload as unknown as ReferencePayload)
      .sort((a, b) => a.since_ms - b.since_ms || (a.id < b.id ? -1 : 1))
      .map(recordOf);
  }

  /** In the order of the points' ids, which nothing that comes or goes changes. */
  async list(after: EntryPosition | null, limit: number): Promise<ListedReference[]> {
    const offset = after ? pointAfter(referencePointOf(after.library, after.id)) : undefined;
    if (offset === null) return [];
    const { points } = await this.#connection.call((client) =>
      client.scroll(this.#collection, {
        filter: { must: [{ key: "frames", range: { gte: 0 } }] },
        limit,
        ...(offset === undefined ? {} : { offset }),
        with_payload: LISTED_FIELDS,
        ...this.#connection.reading,
      }),
    );
    return points.map(({ payload }) => {
      const stored = payload as unknown as ReferencePayload;
      return { ...recordOf(stored), frames: stored.frames };
    });
  }

  /** All entries, a page at a time. */
  async *entries(
    page: number,
  ): AsyncGenerator<{ library: string; id: string; entry: string; frames: number; availability: number }> {
    for (let offset: string | null | undefined; offset !== null; ) {
      const from = offset;
      const { points } = await this.#connection.call((client) =>
        client.scroll(this.#collection, {
          filter: { must: [{ key: "frames", range: { gte: 0 } }] },
          limit: page,
          ...(from === undefined ? {} : { offset: from }),
          with_payload: ["library", "id", "entry", "frames", "availability"],
          ...this.#connection.reading,
        }),
      );
      for (const { payload } of points) {
        const { library, id, entry, frames, availability = 0 } = payload as unknown as ReferencePayload;
        yield { library, id, entry, frames, availability };
      }
      const last = points.at(-1);
      offset = last && points.length === page ? pointAfter(String(last.id)) : null;
    }
  }

  async #retrieve(ids: string[], fields: string[]): Promise<ReferencePayload[]> {
    const points = await this.#connection.call((client) =>
      client.retrieve(this.#collection, { ids, with_payload: fields, ...this.#connection.reading }),
    );
    return points.map(({ payload }) => payload as unknown as ReferencePayload);
  }
}
