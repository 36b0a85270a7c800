// Both services and an upstream, started once for all files that need no state or settings of their own.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServices } from "@twinframe/infra/local/services";
import type { TestProject } from "vitest/node";
import { addApiKeys, type TestKeys } from "./api-keys.ts";
import { startCollector } from "./collector.ts";
import { startUpstream } from "./upstream.ts";

export interface Shared {
  edgeUrl: string;
  backendUrl: string;
  apiKey: string;
  stateDir: string;
  upstreamHost: string;
  /** Where both services send their traces. */
  collectorHost: string;
  /** Opens /metrics of both. */
  metricsToken: string;
  keys: TestKeys;
}

declare module "vitest" {
  interface ProvidedContext {
    shared: Shared;
  }
}

/** Names that the network's resolver gives private addresses; only they are looked up. */
const PRIVATE_NAMES: Record<string, string[]> = {
  "10.lookup.example.com": ["10.0.0.1"],
  "loopback.example.com": ["127.0.0.1"],
  "mixed.example.com": ["93.184.215.14", "127.0.0.1"],
};

const metricsToken = "a-token-only-for-the-metrics";

export default async function setUp(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-e2e-"));
  const stateDir = join(folder, "state");
  const upstream = await startUpstream();
  const collector = await startCollector();
  const clear = async () => {
    upstream.close();
    collector.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const keys = await addApiKeys(stateDir);
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector.host}` };
    const services = await startServices({
      stateDir,
      network: {
        lookUp: async (name) => PRIVATE_NAMES[name] ?? [],
        connect: (addresses, port) => connect(port, addresses[0]),
      },
      extraEdgeVars: { INTAKE_ALLOWED_HOSTS: upstream.host, METRICS_TOKEN: metricsToken, ...tracing },
      extraBackendEnv: { TWINFRAME_METRICS_TOKEN: metricsToken, ...tracing },
    });
    const { edgeUrl, backendUrl, apiKey } = services;
    const hosts = { upstreamHost: upstream.host, collectorHost: collector.host };
    project.provide("shared", { edgeUrl, backendUrl, apiKey, stateDir, ...hosts, metricsToken, keys });
    return async () => {
      await services.stop();
      await clear();
    };
  } catch (error) {
    await clear();
    throw error;
  }
}
