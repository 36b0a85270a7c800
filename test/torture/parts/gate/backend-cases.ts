// The backend's routes × spellings × ways to send a body × forged signatures × ways to get there.

import { FRAMINGS } from "@twinframe/gpu-backend/testing/gate/framings";
import { HandlerProbe } from "@twinframe/gpu-backend/testing/gate/handler-probe";
import { sendRaw } from "@twinframe/gpu-backend/testing/gate/raw-request";
import { spellingsOf } from "@twinframe/gpu-backend/testing/gate/spellings";
import { BACKEND_SECRET, type RunningBackend } from "@twinframe/gpu-backend/testing/running-backend";
import type { CaseResult } from "../../part.ts";
import { FORGERIES } from "./forged-signatures.ts";
import { backendRoutes } from "./route-table.ts";

/** Anybody may ask these, however they are spelled. */
const FOR_ALL = ["/livez", "/readyz"];
const SPELLINGS = spellingsOf("/a").length;
const forgeries = Object.entries(FORGERIES);
const routes = await backendRoutes();

export const backendCaseCount = routes.length * SPELLINGS * FRAMINGS.length * forgeries.length;

export const routeCount = routes.length;

export class BackendCases {
  readonly #probe = new HandlerProbe();
  readonly #backend: RunningBackend;
  #sent = 0;

  constructor(backend: RunningBackend) {
    this.#backend = backend;
  }

  /** `index` below {@link backendCaseCount}: the route turns fastest, so that any slice meets all of them. */
  async run(index: number, port: number, through: string): Promise<CaseResult> {
    const take = <Item>(items: readonly Item[]): Item => {
      const item = items[index % items.length]!;
      index = Math.floor(index / items.length);
      return item;
    };
    const route = take(routes);
    const path = route.url.replace(/:\w+/g, "acme");
    const spelling = take(spellingsOf(path));
    const framing = take(FRAMINGS);
    const [credential, forge] = take(forgeries);
    const method = framing.method ?? route.method;
    const { target } = spelling;
    const { content = framing.body } = framing;
    // Genuine, it would be no forgery.
    const isGenuine = credential === "the plain path" && target === path;
    const kind = `${through}, signature: ${credential}`;
    if (isGenuine) return { kind, held: true };
    const requestId = `case_${this.#sent++}`;
    const signed = await forge(BACKEND_SECRET, { method, target, path, body: content });
    const headers = { "x-request-id": requestId, ...signed };
    const answer = await sendRaw(port, { method: route.method, target, headers, framing });
    const ran = this.#probe.take(requestId);
    const isAnswered = answer.status !== null && answer.status < 300;
    const held = ran.every((url) => FOR_ALL.includes(url)) && !(isAnswered && ran.length === 0);
    if (held) return { kind, held };
    const detail = `${method} ${target} (${spelling.kind}, ${framing.kind}): ${answer.status}, ran ${ran}`;
    return { kind, held, detail };
  }

  /** Handlers that began unseen, and the entries that are left of the one that was there. */
  async aftermath(): Promise<{ handlers: number; entries: number }> {
    const handlers = this.#probe.all.filter((url) => !FOR_ALL.includes(url)).length;
    const overview = (await (await this.#backend.send("GET", "/internal/index")).json()) as { live: string };
    const path = `/internal/index/entries?generation=${overview.live}`;
    const { entries } = (await (await this.#backend.send("GET", path)).json()) as { entries: unknown[] };
    return { handlers, entries: entries.length };
  }

  close(): void {
    this.#probe.close();
  }
}
