import { DurableObject } from "cloudflare:workers";
import type { Env } from "../platform/env.ts";

const MINUTE_MS = 60_000;

/** Counts the wrong keys that come from one network. In memory only: what is lost with it is a minute's count. */
export class AddressThrottle extends DurableObject<Env> {
  #minute = 0;
  #failures = 0;

  /** One more. Until when nothing more from there is to be looked up, in ms since 1970; 0 while it may. */
  note(mostPerMinute: number): number {
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute !== this.#minute) this.#failures = 0;
    this.#minute = minute;
    this.#failures++;
    return this.#failures >= mostPerMinute ? (minute + 1) * MINUTE_MS : 0;
  }
}

declare module "../platform/env.ts" {
  interface Bindings {
    ADDRESSES: DurableObjectNamespace<AddressThrottle>;
  }
}
