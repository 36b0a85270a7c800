// Both services and an upstream, started once for all files that need no state or settings of their own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startServices } from "../../infra/local/services.ts";
import { addApiKeys, type TestKeys } from "./api-keys.ts";
import { startUpstream } from "./upstream.ts";

export interface Shared {
  edgeUrl: string;
  backendUrl: string;
  apiKey: string;
  stateDir: string;
  upstreamHost: string;
  keys: TestKeys;
}

declare module "vitest" {
  interface ProvidedContext {
    shared: Shared;
  }
}

export default async function setUp(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-e2e-"));
  const stateDir = join(folder, "state");
  const upstream = await startUpstream();
  const clear = async () => {
    upstream.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const keys = await addApiKeys(stateDir);
    const services = await startServices({
      stateDir,
      extraEdgeVars: { INTAKE_ALLOWED_HOSTS: upstream.host },
    });
    const { edgeUrl, backendUrl, apiKey } = services;
    project.provide("shared", { edgeUrl, backendUrl, apiKey, stateDir, upstreamHost: upstream.host, keys });
    return async () => {
      await services.stop();
      await clear();
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
