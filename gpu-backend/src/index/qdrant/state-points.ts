// The installation and the library epochs of a generation: points of the references' collection, so that a copy of the
// collection includes them. They have no library, entry or frames, unlike references. A library's epoch is raised after
// the write that it counts, so that a copy which has the epoch has the write, too.

import type { Schemas } from "@qdrant/js-client-rest";
import { ProblemError } from "@twinframe/shared/problem";
import type { LibraryEpoch } from "../vector-index.ts";
import type { Connection } from "./connection.ts";
import { statePointOf } from "./point-ids.ts";
import { requireApplied, WRITE } from "./writing.ts";

/** Other processes that raise the same epoch at the same time may win so often. */
const ATTEMPTS = 16;
const PAGE = 1_000;

type StatePayload =
  | { state: "installation"; installation: string }
  | { state: "epoch"; state_library: string; state_tenant: string; epoch: number };

const INSTALLATION = statePointOf("installation");
const epochPointOf = (library: string) => statePointOf("epoch", library);

export class StatePoints {
  readonly #connection: Connection;
  readonly #collection: string;

  constructor(connection: Connection, collection: string) {
    this.#connection = connection;
    this.#collection = collection;
  }

  async read(library: string): Promise<{ installation: string | null; epoch: number }> {
    const points = await this.#connection.call((client) =>
      client.retrieve(this.#collection, {
        ids: [INSTALLATION, epochPointOf(library)],
        with_payload: true,
        ...this.#connection.reading,
      }),
    );
    const found = { installation: null as string | null, epoch: 0 };
    for (const point of points) {
      const payload = point.payload as unknown as StatePayload;
      if (payload.state === "installation") found.installation = payload.installation;
      else found.epoch = payload.epoch;
    }
    return found;
  }

  async raise(library: string): Promise<void> {
    const { epoch } = await this.read(library);
    await this.#raiseFrom(library, epoch, epoch + 1);
  }

  async raiseTo(epochs: readonly LibraryEpoch[]): Promise<void> {
    for (const { library, epoch } of epochs) {
      const now = await this.read(library);
      if (now.epoch < epoch) await this.#raiseFrom(library, now.epoch, epoch);
    }
  }

  /** Another process that raises it meanwhile does so after the same write: that counts as well. */
  async #raiseFrom(library: string, from: number, to: number): Promise<void> {
    const payload: StatePayload = {
      state: "epoch",
      state_library: library,
      state_tenant: library.slice(0, library.indexOf("/")),
      epoch: to,
    };
    for (let attempt = 0, before = from; attempt < ATTEMPTS; attempt++) {
      const condition =
        before === 0
          ? { update_mode: "insert_only" as const }
          : { update_filter: { must: [{ key: "epoch", match: { value: before } }] } };
      await this.#put(epochPointOf(library), payload, condition);
      const { epoch } = await this.read(library);
      if (epoch >= to) return;
      before = epoch;
    }
    throw new ProblemError(
      "index_unavailable",
      "The library changes too fast to be written; try again shortly.",
    );
  }

  async all(): Promise<LibraryEpoch[]> {
    const all: LibraryEpoch[] = [];
    for (let offset: Schemas["ExtendedPointId"] | null | undefined; offset !== null; ) {
      const from = offset;
      const page = await this.#connection.call((client) =>
        client.scroll(this.#collection, {
          filter: { must: [{ key: "state", match: { value: "epoch" } }] },
          limit: PAGE,
          ...(from === undefined ? {} : { offset: from }),
          with_payload: ["state_library", "epoch"],
          ...this.#connection.reading,
        }),
      );
      for (const { payload } of page.points) {
        const { state_library: library, epoch } = payload as { state_library: string; epoch: number };
        all.push({ library, epoch });
      }
      offset = (page.next_page_offset as Schemas["ExtendedPointId"] | null | undefined) ?? null;
    }
    return all.sort((a, b) => (a.library < b.library ? -1 : 1));
  }

  async assignTo(installation: string | null): Promise<void> {
    if (installation === null) await this.#remove({ must: [{ has_id: [INSTALLATION] }] });
    else await this.#put(INSTALLATION, { state: "installation", installation }, {});
  }

  async removeTenant(tenant: string): Promise<void> {
    await this.#remove({ must: [{ key: "state_tenant", match: { value: tenant } }] });
  }

  async #put(id: string, payload: StatePayload, condition: object): Promise<void> {
    await this.#connection.call(async (client) =>
      requireApplied(
        await client.upsert(this.#collection, {
          ...WRITE,
          points: [{ id, payload: { ...payload }, vector: {} }],
          ...condition,
        }),
      ),
    );
  }

  async #remove(filter: Schemas["Filter"]): Promise<void> {
    await this.#connection.call(async (client) =>
      requireApplied(await client.delete(this.#collection, { ...WRITE, filter })),
    );
  }
}
