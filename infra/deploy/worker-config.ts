// wrangler.toml as wrangler reads it, for one environment: the parts that a deployment is about.

import { join } from "node:path";
import { unstable_readConfig } from "wrangler";

export interface Consumer {
  queue: string;
  dead_letter_queue?: string;
  max_batch_size?: number;
  max_batch_timeout?: number;
  max_retries?: number;
}

export interface WorkerConfig {
  name: string;
  main: string;
  compatibility_date: string;
  compatibility_flags: string[];
  workers_dev?: boolean;
  routes?: (string | { pattern: string })[];
  vars: Record<string, unknown>;
  d1_databases: { binding: string; database_name: string; database_id?: string; migrations_dir?: string }[];
  r2_buckets: { binding: string; bucket_name: string }[];
  kv_namespaces: { binding: string; id?: string }[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  queues: { producers?: { binding: string; queue: string }[]; consumers?: Consumer[] };
  migrations: unknown[];
  triggers: { crons?: string[] };
  limits?: unknown;
  assets?: unknown;
  observability?: unknown;
}

/** Without a name: the top level. */
export function readWorkerConfig(root: string, environment?: string): WorkerConfig {
  const file = { config: join(root, "wrangler.toml"), ...(environment ? { env: environment } : {}) };
  return unstable_readConfig(file, { hideWarnings: true }) as WorkerConfig;
}
