// Both services for a part of the campaign: with the small model, in a state folder of their own, and with Qdrant
// where QDRANT_BIN names it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Services, startServices } from "@twinframe/infra/local/services";
import type { PartContext } from "../part.ts";
import { apiOf, type TortureApi } from "./api.ts";
import { type QdrantServer, startQdrant } from "./qdrant-server.ts";

export interface RunningServices extends Services {
  api: TortureApi;
  /** Null where QDRANT_BIN is not set. */
  qdrant: QdrantServer | null;
  /** Fires the timer as if the clock were so much later, which takes up all work that waits. */
  sweep(laterMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Beyond the age at which nobody can be at work on anything, and beyond every back-off. */
const LATER_MS = 16 * 60_000;
const POLL_MS = 40;

export async function runServices(
  { signal }: Pick<PartContext, "signal">,
  extraEdgeVars: Record<string, string> = {},
): Promise<RunningServices> {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-torture-"));
  const qdrant = await startQdrant(join(folder, "qdrant"));
  const close = async (services?: Services) => {
    await services?.edge.kill();
    await services?.backend.kill();
    await services?.stop();
    await qdrant?.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const services = await startServices({
      stateDir: join(folder, "state"),
      extraEdgeVars,
      extraBackendEnv: {
        TWINFRAME_MODEL: "luma-dct",
        ...(qdrant === null ? {} : { TWINFRAME_INDEX: "qdrant", TWINFRAME_QDRANT_URL: qdrant.url }),
      },
      signal,
    });
    const sweep = async (laterMs = LATER_MS) => {
      const url = new URL("/cdn-cgi/local/scheduled", services.edgeUrl);
      url.searchParams.set("time", String(Date.now() + laterMs));
      await (await fetch(url)).arrayBuffer();
    };
    const api = apiOf(services.edgeUrl, services.apiKey);
    return { ...services, api, qdrant, sweep, close: () => close(services) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Asks again and again; null when it has not come within the time. */
export async function eventually<T>(
  ask: () => Promise<T | null | false>,
  withinMs: number,
  signal: AbortSignal,
): Promise<T | null> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await ask();
    if (seen !== null && seen !== false) return seen;
    if (Date.now() > deadline || signal.aborted) return null;
    await sleep(POLL_MS);
  }
}
