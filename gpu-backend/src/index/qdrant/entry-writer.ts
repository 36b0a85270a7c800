// Replaces and removes references: their frames first, then the one write that makes the entry current, then what
// the former entry left, then the library's epoch. Each step may be the last one before a crash.

import { ProblemError } from "@twinframe/shared/problem";
import { KeyedMutex } from "../../work/keyed-mutex.ts";
import type { ReferenceRecord } from "../reference-record.ts";
import type { Connection } from "./connection.ts";
import type { FramePoints } from "./frame-points.ts";
import { entryKeyOf } from "./point-ids.ts";
import { type Head, packedContent } from "./reference-payload.ts";
import type { ReferencePoints } from "./reference-points.ts";
import type { StatePoints } from "./state-points.ts";

/** Other processes that write the same reference at the same time may win so often. */
const ATTEMPTS = 8;

export class EntryWriter {
  readonly #references: ReferencePoints;
  readonly #frames: FramePoints;
  readonly #states: StatePoints;
  /** Within this process, so that it does not race with itself. */
  readonly #mutex = new KeyedMutex();

  constructor(references: ReferencePoints, frames: FramePoints, states: StatePoints) {
    this.#references = references;
    this.#frames = frames;
    this.#states = states;
  }

  /** Raises the epoch also when the entry existed: its writer may have been interrupted before it raised it. */
  async put(record: ReferenceRecord, track: Uint8Array, vectors: Float32Array): Promise<void> {
    await this.#put(record, track, vectors);
    await this.#states.raise(record.library);
  }

  #put(record: ReferenceRecord, track: Uint8Array, vectors: Float32Array): Promise<void> {
    const { library, id } = record;
    const content = packedContent(record, track);
    return this.#exclusively(library, id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const before = await this.#references.head(library, id);
        if (before && !before.isTombstone && before.content === content)
          return this.#takeOut(library, id, before, record.availability);
        const key = entryKeyOf(library, id, content, before?.entry ?? "");
        const isOwn = before !== null && !before.isTombstone && before.job === record.jobId;
        const availability = Math.max(record.availability, isOwn ? before.availability : 0);
        const frames = await this.#frames.write(library, key, vectors, availability);
        await this.#references.put({ ...record, availability }, track, { key, content, frames }, before);
        const now = await this.#references.head(library, id);
        if (now?.entry !== key) {
          // Another writer was faster: the frames written here belong to no entry.
          await this.#frames.removeEntry(key);
          continue;
        }
        // The frames are missing if the tenant was deleted, or a snapshot restored, while they were written.
        if ((await this.#frames.count(key)) < frames)
          await this.#frames.write(library, key, vectors, availability);
        if (before) await this.#clear(library, id, before);
        return;
      }
      throw contended(id);
    });
  }

  /** The entry first, its frames next: repeated, both end with the same availability. */
  setAvailability(library: string, id: string, jobId: string, availability: number): Promise<void> {
    return this.#exclusively(library, id, async () => {
      const head = await this.#references.head(library, id);
      if (!head || head.isTombstone || head.job !== jobId) return;
      await this.#takeOut(library, id, head, availability);
      if (head.availability < availability) await this.#states.raise(library);
    });
  }

  remove(library: string, id: string, jobId: string | undefined): Promise<boolean> {
    return this.#exclusively(library, id, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const before = await this.#references.head(library, id);
        if (!before) return false;
        if (before.isTombstone) {
          await this.#clear(library, id, before);
          return false;
        }
        if (jobId !== undefined && before.job !== jobId) return false;
        // Before the delete: a reader that counts one reference less must not take that for a loss.
        await this.#states.raise(library);
        await this.#references.bury(library, id, before);
        const now = await this.#references.head(library, id);
        if (!now?.isTombstone || now.removedEntry !== before.entry) continue;
        await this.#frames.removeEntry(before.entry);
        await this.#references.removeTombstone(library, id, now);
        return true;
      }
      throw contended(id);
    });
  }

  async removeTenant(connection: Connection, references: string, tenant: string): Promise<number> {
    const filter = { must: [{ key: "tenant", match: { value: tenant } }] };
    const remaining = async () =>
      (await connection.call((client) => client.count(references, { filter, exact: true }))).count;
    let removed = 0;
    // Again while other processes still add: an entry that came between the two steps has lost its frames.
    for (let left = await remaining(); ; ) {
      removed += left;
      if (left > 0) await this.#references.remove(filter);
      await this.#frames.removeTenant(tenant);
      left = await remaining();
      if (left > 0) continue;
      await this.#states.removeTenant(tenant);
      return removed;
    }
  }

  /** Takes an entry out of searches or back in; the greatest number counts. */
  async #takeOut(library: string, id: string, head: Head, availability: number): Promise<void> {
    if (availability === 0) return;
    await this.#references.setAvailability(library, id, head.entry, availability);
    await this.#frames.setAvailability(head.entry, availability);
  }

  /** Removes what the former entry left, which no search finds any more. What remains, a sweep removes later. */
  async #clear(library: string, id: string, before: Head): Promise<void> {
    await this.#frames.removeEntry(before.isTombstone ? before.removedEntry : before.entry);
    if (before.isTombstone) await this.#references.removeTombstone(library, id, before);
  }

  #exclusively<T>(library: string, id: string, work: () => Promise<T>): Promise<T> {
    return this.#mutex.runExclusive(`${library}\n${id}`, work);
  }
}

const contended = (id: string) =>
  new ProblemError("index_unavailable", `Others keep writing the reference ${id}; try again shortly.`);
