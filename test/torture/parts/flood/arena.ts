// Both services, a file server, and a key for each of two tenants.

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { clip } from "@twinframe/gpu-backend/testing/clips";
import { startServices } from "@twinframe/infra/local/services";
import { loadSecrets } from "@twinframe/infra/local/services/secrets";
import type { PartContext } from "../../part.ts";
import { type ClipServer, serveClips } from "./clip-server.ts";
import { type StoredClip, storeClip } from "./stored-clip.ts";

const CLIPS = 6;

export interface Asked {
  method?: string;
  key: string;
  body?: string | Uint8Array<ArrayBuffer>;
  type?: string;
  prefer?: string;
  signal?: AbortSignal;
}

export interface Arena {
  quietKey: string;
  floodKey: string;
  clips: Uint8Array<ArrayBuffer>[];
  /** Where they can be fetched. */
  server: ClipServer;
  backendUrl: string;
  signingSecret: string;
  /** One of the flooding tenant's, where the backend reads it. */
  stored: StoredClip;
  ask(path: string, asked: Asked): Promise<Response>;
  /** Ends what is left of the flood. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

export async function openArena({ folder, signal, log }: PartContext): Promise<Arena> {
  const files = await Promise.all(
    Array.from({ length: CLIPS }, (_, seed) =>
      clip({ picture: `gradients=nb_colors=6:speed=0.05:seed=${seed}`, size: "64x48", durationS: 1 }),
    ),
  );
  const clips = await Promise.all(files.map(async (file) => new Uint8Array(await readFile(file))));
  const server = await serveClips(clips);
  const stateDir = join(folder, `state-${process.pid}`);
  const services = await startServices({
    stateDir,
    extraEdgeVars: {
      INTAKE_ALLOWED_HOSTS: server.host,
      // Far below what ships: the local edge is one thread, which the shipped limits let one tenant fill.
      TENANT_MAX_AT_ONCE: "4",
      TENANT_MAX_QUEUED_AT_ONCE: "1",
      QUOTA_TENANT_PER_MINUTE: "1200",
      QUOTA_KEY_PER_MINUTE: "1200",
    },
    extraBackendEnv: {
      TWINFRAME_MODEL: "luma-dct",
      TWINFRAME_LOG_LEVEL: "warn",
      TWINFRAME_MAX_CONCURRENT_ANALYSES: String(Math.max(2, availableParallelism())),
    },
    signal,
    log,
  });
  const { edgeUrl, backendUrl, apiKey } = services;
  const ask: Arena["ask"] = (path, { method = "POST", key, body, type, prefer, signal: stop }) =>
    fetch(`${edgeUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(type === undefined ? {} : { "content-type": type }),
        ...(prefer === undefined ? {} : { prefer }),
      },
      ...(body === undefined ? {} : { body }),
      ...(stop ? { signal: stop } : {}),
    });
  const keyOf = async (tenant: string): Promise<string> => {
    const body = JSON.stringify({ name: tenant, tenant, scopes: ["admin"] });
    const response = await ask("/v1/keys", { key: apiKey, body, type: "application/json" });
    if (response.status !== 201) throw new Error(`no key for ${tenant}: ${await response.text()}`);
    return ((await response.json()) as { key: string }).key;
  };
  const floodKey = await keyOf("flood");
  const { signingSecret } = loadSecrets(stateDir);
  const idsAt = async (path: string): Promise<string[]> => {
    const response = await ask(path, { method: "GET", key: floodKey });
    return ((await response.json()) as { data?: { id: string }[] }).data?.map(({ id }) => id) ?? [];
  };
  const cancelAll = async (collection: string, status: string): Promise<void> => {
    const page = `/v1/${collection}?status=${status}&limit=100`;
    for (let ids = await idsAt(page); ids.length > 0; ids = await idsAt(page))
      for (const id of ids)
        await ask(`/v1/${collection}/${id}/cancel`, { key: floodKey }).then((response) => response.text());
  };
  return {
    floodKey,
    clips,
    server,
    backendUrl,
    signingSecret,
    ask,
    quietKey: await keyOf("quiet"),
    stored: await storeClip({ ask, floodKey, edgeUrl, signingSecret }, clips[0]!),
    calm: async () => {
      await cancelAll("imports", "running");
      await cancelAll("checks", "queued");
      await cancelAll("checks", "running");
    },
    close: async () => {
      await services.stop();
      server.close();
    },
  };
}
