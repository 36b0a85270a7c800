// Every environment of wrangler.toml has all that the Worker needs, under names of its own, and builds.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../local/services/temp-folder.ts";
import { readWorkerConfig, type WorkerConfig } from "./worker-config.ts";

const root = resolve(import.meta.dirname, "../..");
const dev = readWorkerConfig(root);

/** What the Worker sees, and by what rules: everything but the resources' names. */
const seenByWorker = (config: WorkerConfig) => ({
  main: config.main,
  dates: [config.compatibility_date, config.compatibility_flags],
  bindings: [config.d1_databases, config.r2_buckets, config.kv_namespaces, config.queues.producers ?? []].map(
    (bindings) => bindings.map(({ binding }) => binding),
  ),
  migrationsDir: config.d1_databases.map(({ migrations_dir }) => migrations_dir),
  objects: config.durable_objects.bindings.map(({ name, class_name }) => [name, class_name]),
  migrations: config.migrations,
  consumers: config.queues.consumers?.map(
    ({ queue, dead_letter_queue, ...rules }) =>
      [suffix(queue), suffix(dead_letter_queue ?? "-none"), rules] as const,
  ),
  crons: config.triggers.crons,
  limits: config.limits,
  assets: config.assets,
  observability: config.observability,
});
const suffix = (queue: string) => queue.replace(/^twinframe-(?:staging-|production-)?/, "");

/** Names that must not be another environment's. */
const ownNames = (config: WorkerConfig) => [
  config.name,
  ...config.d1_databases.map(({ database_name }) => database_name),
  ...config.r2_buckets.map(({ bucket_name }) => bucket_name),
  ...(config.queues.producers ?? []).map(({ queue }) => queue),
  ...(config.queues.consumers ?? []).flatMap(({ queue, dead_letter_queue }) => [
    queue,
    dead_letter_queue ?? queue,
  ]),
];

describe.each(["staging", "production"])("%s", (name) => {
  const config = readWorkerConfig(root, name);

  test("has every binding, consumer and rule that dev has", () => {
    expect(seenByWorker(config)).toEqual(seenByWorker(dev));
  });

  test("shares no resource with another environment", () => {
    for (const own of ownNames(config)) expect(own).toContain(`twinframe-${name}`);
    expect(config.vars.OBJECT_BUCKET_NAME).toBe(config.r2_buckets[0]?.bucket_name);
    expect(config.workers_dev).toBe(false);
  });

  test("consumes every queue that it sends to, and every dead-letter queue", () => {
    const consumed = config.queues.consumers?.map(({ queue }) => queue);
    const fed = config.queues.producers?.map(({ queue }) => queue) ?? [];
    const dead = config.queues.consumers?.flatMap(({ dead_letter_queue }) => dead_letter_queue ?? []) ?? [];
    for (const queue of [...fed, ...dead]) expect(consumed).toContain(queue);
  });

  test("builds with wrangler deploy --dry-run", async () => {
    const out = tempFolder();
    const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
    const args = [wrangler, "deploy", "--dry-run", `--env=${name}`, `--outdir=${out}`];
    const env = { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    expect(existsSync(join(out, "index.js"))).toBe(true);
    expect(stdout).toContain(`(twinframe-${name}-jobs)`);
  });
});
