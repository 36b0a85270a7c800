// Which routes' handlers began to run, by Fastify's own diagnostics channel: the application is not touched for it.

import { tracingChannel } from "node:diagnostics_channel";

interface Started {
  route: { url?: string; method: string };
  request: { id: string };
}

export class HandlerProbe {
  /** By the request's id: the patterns of the routes whose handlers began. */
  readonly #started = new Map<string, string[]>();
  readonly #channel = tracingChannel("fastify.request.handler");
  readonly #note = (message: unknown): void => {
    const { route, request } = message as Started;
    // The answer to addresses of no route is a handler, too, and has no pattern.
    if (route.url === undefined) return;
    this.#started.set(request.id, [...(this.#started.get(request.id) ?? []), route.url]);
  };

  constructor() {
    this.#channel.start.subscribe(this.#note);
  }

  get all(): string[] {
    return [...this.#started.values()].flat();
  }

  /** What began for this request; and forgets it. */
  take(requestId: string): string[] {
    const started = this.#started.get(requestId) ?? [];
    this.#started.delete(requestId);
    return started;
  }

  clear(): void {
    this.#started.clear();
  }

  close(): void {
    this.#channel.start.unsubscribe(this.#note);
  }
}
