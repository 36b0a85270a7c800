// Which routes let a request in: past the gate, to the validation of what was sent and to the handler. Seen by Fastify's
// own diagnostics channel: the application is not touched for it. To be imported before the application is built.

import { subscribe } from "node:diagnostics_channel";
import type { FastifyInstance, FastifyRequest, onRouteHookHandler } from "fastify";

const probes = new Set<HandlerProbe>();

const noteEntry = async ({ id, routeOptions }: FastifyRequest): Promise<void> => {
  for (const probe of probes) probe.note(id, routeOptions.url);
};

/** A route's own hook comes after those of the application, of which the gate is one. */
const watchRoute: onRouteHookHandler = (route) => {
  const own = [route.preValidation ?? []].flat();
  if (!own.includes(noteEntry)) route.preValidation = [...own, noteEntry];
};

subscribe("fastify.initialization", (message) => {
  (message as { fastify: FastifyInstance }).fastify.addHook("onRoute", watchRoute);
});

export class HandlerProbe {
  /** By the request's id: the patterns of the routes that let it in. */
  readonly #entered = new Map<string, string[]>();

  constructor() {
    probes.add(this);
  }

  note(requestId: string, url: string | undefined): void {
    // The answer to addresses of no route has no pattern.
    if (url !== undefined) this.#entered.set(requestId, [...(this.#entered.get(requestId) ?? []), url]);
  }

  get all(): string[] {
    return [...this.#entered.values()].flat();
  }

  /** What let this request in; and forgets it. */
  take(requestId: string): string[] {
    const entered = this.#entered.get(requestId) ?? [];
    this.#entered.delete(requestId);
    return entered;
  }

  clear(): void {
    this.#entered.clear();
  }

  close(): void {
    probes.delete(this);
  }
}
