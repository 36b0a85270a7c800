// The backend's routes as its application registers them, without a model, an index or a port.

import { buildApp } from "@twinframe/gpu-backend/app";
import type { Composition } from "@twinframe/gpu-backend/compose";
import { readConfig } from "@twinframe/gpu-backend/config";
import type { RegisteredRoute } from "@twinframe/gpu-backend/plugins/signed-requests";

const embedder = { manifest: { id: "none", version: "0" }, executionProvider: "cpu" };
/** As much of a composition as registering routes looks at. */
const NOTHING = {
  generations: {
    latest: { generation: "none", embedder },
    models: { configured: embedder },
    whenStarted: () => {},
  },
  sandbox: { level: "rlimits", reason: null },
} as unknown as Composition;

export const METRICS_TOKEN = "a-token-only-for-the-metrics";

export async function backendRoutes(): Promise<readonly RegisteredRoute[]> {
  const config = readConfig({
    TWINFRAME_SIGNING_SECRET: "for a table of routes alone",
    TWINFRAME_METRICS_TOKEN: METRICS_TOKEN,
    TWINFRAME_LOG_LEVEL: "silent",
  });
  const { app, routes } = buildApp(config, NOTHING);
  await app.ready();
  const table = [...routes];
  await app.close();
  return table;
}
