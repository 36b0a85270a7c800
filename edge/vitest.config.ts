import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";
import { unstable_readConfig } from "wrangler";
import {
  API_KEY,
  IDLE_TIMEOUT_MS,
  MAX_BYTES,
  METRICS_TOKEN,
  SIGNING_SECRET,
  TIMEOUT_MS,
  WEBHOOK_SECRET_KEY,
  WEBHOOK_TIMEOUT_MS,
} from "./test/settings.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url).href);

const wranglerConfig = here("../wrangler.toml");

interface QueueConsumer {
  queue: string;
  max_batch_size: number;
  max_retries: number;
  dead_letter_queue?: string;
}

/** As wrangler.toml has them, but for the seconds that a message waits there for others. */
function queueConsumers() {
  const { consumers } = unstable_readConfig({ config: wranglerConfig }).queues as {
    consumers: QueueConsumer[];
  };
  return Object.fromEntries(
    consumers.map(({ queue, max_batch_size, max_retries, dead_letter_queue }) => {
      const dead = dead_letter_queue === undefined ? {} : { deadLetterQueue: dead_letter_queue };
      return [queue, { maxBatchSize: max_batch_size, maxBatchTimeout: 0, maxRetries: max_retries, ...dead }];
    }),
  );
}

export default defineProject({
  plugins: [
    cloudflareTest(async ({ inject }) => ({
      wrangler: { configPath: wranglerConfig },
      miniflare: {
        queueConsumers: queueConsumers(),
        bindings: {
          BACKEND_URL: `http://${inject("backendHost")}`,
          EDGE_ORIGIN: "http://edge.test",
          SIGNING_SECRET,
          WEBHOOK_SECRET_KEY,
          BOOTSTRAP_API_KEY_SHA256: createHash("sha256").update(API_KEY).digest("hex"),
          INTAKE_ALLOWED_HOSTS: inject("upstreamHost"),
          S3_ALLOWED_BUCKETS: "default:videos,films:theirs",
          INTAKE_MAX_BYTES: String(MAX_BYTES),
          UPLOAD_MAX_BYTES: String(MAX_BYTES),
          UPLOAD_PART_BYTES: String(5 * 1024 * 1024),
          INTAKE_TIMEOUT_MS: String(TIMEOUT_MS),
          INTAKE_IDLE_TIMEOUT_MS: String(IDLE_TIMEOUT_MS),
          WEBHOOK_ALLOWED_HOSTS: inject("receiverHost"),
          METRICS_TOKEN,
          // Every route is tried with wrong keys.
          AUTH_FAILURES_PER_MINUTE: "100000",
          WEBHOOK_TIMEOUT_MS: String(WEBHOOK_TIMEOUT_MS),
          MIGRATIONS: await readD1Migrations(here("migrations")),
        },
      },
    })),
  ],
  test: {
    name: "edge",
    // One runtime for all files of a worker; test/migrate.ts empties its stores before each.
    isolate: false,
    // It runs files one after the other, the other projects two at a time.
    sequence: { groupOrder: 1 },
    root: here("."),
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: [here("test/global-setup.ts")],
    setupFiles: [here("test/migrate.ts")],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
