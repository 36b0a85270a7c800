// Both services, a file server, and a key for each of two tenants.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clip } from "../../../../gpu-backend/test/clips.ts";
import { serveFiles } from "../../../../infra/local/demo/file-server.ts";
import { startServices } from "../../../../infra/local/services.ts";
import type { PartContext } from "../../part.ts";

const CLIPS = 6;

export interface Asked {
  method?: string;
  key: string;
  body?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Arena {
  quietKey: string;
  floodKey: string;
  clips: Uint8Array<ArrayBuffer>[];
  /** Where they can be fetched. */
  urls: string[];
  ask(path: string, asked: Asked): Promise<Response>;
  /** Stops what is left of the flood. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

export async function openArena({ folder, signal, log }: PartContext): Promise<Arena> {
  const files = await Promise.all(
    Array.from({ length: CLIPS }, (_, seed) =>
      clip({ picture: `gradients=nb_colors=6:speed=0.05:seed=${seed}`, size: "64x48", durationS: 1 }),
    ),
  );
  const server = await serveFiles();
  const services = await startServices({
    stateDir: join(folder, `state-${process.pid}`),
    extraEdgeVars: {
      INTAKE_ALLOWED_HOSTS: server.host, ...JSON.parse(process.env.PROBE_EDGE ?? "{}"),
      QUOTA_TENANT_PER_MINUTE: "1000000",
      QUOTA_KEY_PER_MINUTE: "1000000",
    },
    extraBackendEnv: { TWINFRAME_MODEL: "luma-dct", ...JSON.parse(process.env.PROBE_BACKEND ?? "{}"), TWINFRAME_LOG_LEVEL: process.env.PROBE_LOG ?? "warn" },
    signal,
    log,
  });
  const { edgeUrl, apiKey } = services;
  const ask: Arena["ask"] = (path, { method = "POST", key, body, headers = {}, signal: stop }) =>
    fetch(`${edgeUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { body }),
      ...(stop ? { signal: stop } : {}),
    });
  const keyOf = async (tenant: string): Promise<string> => {
    const body = JSON.stringify({ name: tenant, tenant, scopes: ["admin"] });
    const response = await ask("/v1/keys", {
      key: apiKey,
      body,
      headers: { "content-type": "application/json" },
    });
    if (response.status !== 201) throw new Error(`no key for ${tenant}: ${await response.text()}`);
    return ((await response.json()) as { key: string }).key;
  };
  const floodKey = await keyOf("flood");
  const open = async (path: string): Promise<string[]> => {
    const response = await ask(path, { method: "GET", key: floodKey });
    if (!response.ok) return [];
    return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };
  return {
    floodKey,
    ask,
    quietKey: await keyOf("quiet"),
    clips: await Promise.all(files.map(async (file) => new Uint8Array(await readFile(file)))),
    urls: files.map((file) => server.urlOf(file)),
    calm: async () => {
      for (const id of await open("/v1/imports?status=running&limit=100"))
        await ask(`/v1/imports/${id}/cancel`, { key: floodKey });
      for (const status of ["queued", "running"])
        for (;;) {
          const ids = await open(`/v1/checks?status=${status}&limit=100`);
          if (ids.length === 0) break;
          await Promise.all(
            ids.map((id) => ask(`/v1/checks/${id}/cancel`, { key: floodKey }).then((r) => r.text())),
          );
        }
    },
    close: async () => {
      await services.stop();
      server.close();
    },
  };
}
