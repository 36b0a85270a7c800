import { join } from "node:path";
import { answersWith } from "./answers.ts";
import { takeUpUnfinished } from "./edge-timer.ts";
import { envFileText } from "./env-file.ts";
import { writePrivateFile } from "./private-file.ts";
import { apiKeySha256, type LocalSecrets } from "./secrets.ts";
import type { ServiceDefinition } from "./service-run.ts";

export interface EdgeSettings {
  root: string;
  stateDir: string;
  port: number;
  backendUrl: string;
  secrets: LocalSecrets;
  extraVars: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Keeps what wrangler writes inside the state folder, and wrangler from calling home or asking. */
export function wranglerEnvironment(stateDir: string): Record<string, string> {
  return {
    CI: "true",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    // Its trace store would keep every signed link and every URL that a user gave.
    X_LOCAL_OBSERVABILITY: "false",
    X_LOCAL_EXPLORER: "false",
    WRANGLER_REGISTRY_PATH: join(stateDir, "wrangler-registry"),
  };
}

export const edgeStorage = (stateDir: string) => join(stateDir, "edge");

/** The Worker in workerd, as `wrangler dev` runs it. Writes the file with its settings. */
export function edgeService(settings: EdgeSettings): ServiceDefinition {
  const { root, stateDir, port, secrets } = settings;
  const envFile = join(stateDir, "edge.env");
  writePrivateFile(
    envFile,
    envFileText({
      WEBHOOK_SECRET_KEY: secrets.webhookSecretKey,
      WEBHOOK_SECRET_KEY_PREVIOUS: secrets.previousWebhookSecretKey ?? "",
      ...settings.extraVars,
      BACKEND_URL: settings.backendUrl,
      EDGE_ORIGIN: `http://127.0.0.1:${port}`,
      SIGNING_SECRET: secrets.signingSecret,
      BOOTSTRAP_API_KEY_SHA256: apiKeySha256(secrets.apiKey),
    }),
  );
  const flags = {
    config: join(root, "wrangler.toml"),
    ip: "127.0.0.1",
    port: String(port),
    "inspector-port": "0",
    "persist-to": edgeStorage(stateDir),
    "env-file": envFile,
    "show-interactive-dev-session": "false",
  };
  return {
    name: "edge",
    args: [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    ],
    cwd: root,
    env: wranglerEnvironment(stateDir),
    logFile: join(stateDir, "logs/edge.log"),
    // Any answer will do: it says 503 while the backend is down, and serves all the same.
    isReady: () => answersWith(`http://127.0.0.1:${port}/readyz`, () => true),
    readyWithinMs: 60_000,
    whenReady: () => takeUpUnfinished(`http://127.0.0.1:${port}`),
    signal: settings.signal,
    drainMs: 4_000,
  };
}
