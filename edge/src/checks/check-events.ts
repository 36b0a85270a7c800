import { DurableObject } from "cloudflare:workers";
import { quotaOf } from "../auth/places.ts";
import type { Env } from "../platform/env.ts";
import { eventStream } from "../platform/http/event-stream.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { SharedWatch } from "./shared-watch.ts";
import { findCheck } from "./store/checks.ts";
import { watchCheck } from "./watch.ts";

/** What a Worker asks for a client that may listen to the check. */
export interface ListenRequest {
  checkId: string;
  tenant: string;
  /** The tenant's place for the stream, given back when it ends. */
  placeId: string;
  after: number;
  /** Streams of this check at a time. */
  most: number;
}

/** Listens to one check for all who want to hear of it: one look at its row, one ear at the backend. */
export class CheckEvents extends DurableObject<Env> {
  #watch: SharedWatch | null = null;

  /** The stream; 429 when as many listen as may. The body is a `ListenRequest`. */
  override async fetch(request: Request): Promise<Response> {
    const { checkId, tenant, placeId, after, most } = await request.json<ListenRequest>();
    const leave = () =>
      Promise.resolve(quotaOf(this.env, tenant).leave("event_stream", placeId)).catch((error) =>
        logFailure("a place was not given back", { tenant }, error),
      );
    const watch = this.#current(checkId);
    if (watch.listeners >= most) {
      await leave();
      return new Response(null, { status: 429 });
    }
    return eventStream((emit, signal) => watch.listen({ after, emit, signal }).finally(leave));
  }

  #current(checkId: string): SharedWatch {
    if (this.#watch !== null && !this.#watch.isOver) return this.#watch;
    const context = requestContextOf(this.env, this.ctx);
    this.#watch = new SharedWatch(async (emit, signal) => {
      const row = await findCheck(context.bindings.DB, checkId);
      if (row !== null) await watchCheck(context, row, -1, emit, signal);
    });
    return this.#watch;
  }
}

declare module "../platform/env.ts" {
  interface Bindings {
    CHECK_EVENTS: DurableObjectNamespace<CheckEvents>;
  }
}
