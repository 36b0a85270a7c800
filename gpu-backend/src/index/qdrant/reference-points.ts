// The references' collection: a point each with the record and the packed track, without a vector. A write to it
// is what makes an entry the current one; it is made only if nobody else changed the point since it was read.

import type { Schemas } from "@qdrant/js-client-rest";
import {
  type EntryPosition,
  isOut,
  type ListedReference,
  type ReferenceRecord,
} from "../reference-record.ts";
import type { Connection } from "./connection.ts";
import { contentOf, pointAfter, referencePointOf } from "./point-ids.ts";
import { requireApplied, WRITE } from "./writing.ts";

const MOST_BY_PACKETS = 100;
const TOMBSTONE = "gone:";
const RECORD_FIELDS = [
  "library",
  "id",
  "job",
  "sha256",
  "packets_sha256",
  "duration_s",
  "seen_s",
  "width",
  "height",
];
const LISTED_FIELDS = [...RECORD_FIELDS, "sampled_frames", "availability", "frames"];

interface ReferencePayload {
  library: string;
  tenant: string;
  id: string;
  /** Names the frames that belong to it. */
  entry: string;
  content: string;
  job: string;
  sha256: string;
  packets_sha256: string;
  duration_s: number;
  /** Absent from entries of before it was kept. */
  seen_s?: number | null;
  width: number;
  height: number;
  sampled_frames: number;
  /** Absent from entries that nobody ever took out of searches, and so is the next. */
  availability?: number;
  /** Whether the availability is odd. */
  out?: boolean;
  frames: number;
  /** `library frames`. */
  tally: string;
  /** When the reference first came, which orders those with the same packets. */
  since_ms: number;
  /** The packed track in base64. */
  track: string;
}

/** What stands at a reference's point: an entry, or what a delete leaves until its frames are gone. */
export type Head =
  | {
      isTombstone: false;
      entry: string;
      content: string;
      job: string;
      availability: number;
      frames: number;
      sinceMs: number;
    }
  | { isTombstone: true; entry: string; removedEntry: string };

/** Said of an entry and of its frames. */
export const availabilityPayload = (availability: number) =>
  availability === 0 ? {} : { availability, out: isOut(availability) };
export const IS_OUT = { key: "out", match: { value: true } };

export const tenantOf = (library: string) => library.slice(0, library.indexOf("/"));

export function packedContent(record: ReferenceRecord, track: Uint8Array): string {
  const { library, id, jobId, sha256, packetsSha256, durationS, seenS } = record;
  const { width, height, sampledFrames } = record;
  const what = [library, id, jobId, sha256, packetsSha256];
  const fields = [...what, durationS, seenS ?? "", width, height, sampledFrames];
  return contentOf(fields, track);
}

const recordOf = (payload: ReferencePayload): ReferenceRecord => ({
  library: payload.library,
  id: payload.id,
  jobId: payload.job,
  sha256: payload.sha256,
  packetsSha256: payload.packets_sha256,
  durationS: payload.duration_s,
  seenS: payload.seen_s ?? null,
  width: payload.width,
  height: payload.height,
  sampledFrames: payload.sampled_frames,
  availability: payload.availability ?? 0,
});

export class ReferencePoints {
  readonly #connection: Connection;
  readonly #collection: string;

  constructor(connection: Connection, collection: string) {
    this.#connection = connection;
    this.#collection = collection;
  }

  async head(library: string, id: string): Promise<Head | null> {
    const fields = ["entry", "content", "job", "availability", "frames", "since_ms"];
    const [payload] = await this.#retrieve([referencePointOf(library, id)], fields);
    if (!payload) return null;
    const { entry, content, job, availability = 0, frames, since_ms } = payload;
    if (entry.startsWith(TOMBSTONE))
      return { isTombstone: true, entry, removedEntry: entry.slice(TOMBSTONE.length) };
    return { isTombstone: false, entry, content, job, availability, frames, sinceMs: since_ms };
  }

  /** Takes effect only while the point is as `before` says; look at the head to see whether it did. */
  async put(
    record: ReferenceRecord,
    track: Uint8Array,
    entry: { key: string; content: string; frames: number },
    before: Head | null,
  ): Promise<void> {
    const payload: ReferencePayload = {
      library: record.library,
      tenant: tenantOf(record.library),
      id: record.id,
      entry: entry.key,
      content: entry.content,
      job: record.jobId,
      sha256: record.sha256,
      packets_sha256: record.packetsSha256,
      duration_s: record.durationS,
      seen_s: record.seenS,
      width: record.width,
      height: record.height,
      sampled_frames: record.sampledFrames,
      ...availabilityPayload(record.availability),
      frames: entry.frames,
      tally: `${record.library} ${entry.frames}`,
      since_ms: before && !before.isTombstone ? before.sinceMs : Date.now(),
      track: Buffer.from(track.buffer, track.byteOffset, track.byteLength).toString("base64"),
    };
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

  /** As put: makes the entry one that is gone. */
  async bury(library: string, id: string, before: Head): Promise<void> {
    const payload = { entry: TOMBSTONE + before.entry };
    await this.#replace(referencePointOf(library, id), payload, before);
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
