// An environment of wrangler.toml as something to deploy to: its address, and what still keeps it from being one.

import { readWorkerConfig } from "./worker-config.ts";

export const ENVIRONMENTS = ["staging", "production"] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

export interface Target {
  name: EnvironmentName;
  /** Where clients reach it. */
  origin: string;
  /** What is not filled in yet, each as a sentence. */
  lacking: string[];
}

const ZEROS = /^[0-]+$/;
const EXAMPLE = /\bexample\.(?:com|org|net)\b/;

export function readTarget(root: string, name: EnvironmentName): Target {
  const config = readWorkerConfig(root, name);
  const lacking: string[] = [];
  for (const { binding, database_id: id } of config.d1_databases)
    if (!id || ZEROS.test(id)) lacking.push(`The D1 database ${binding} has no id: wrangler d1 create`);
  for (const { binding, id } of config.kv_namespaces)
    if (!id || ZEROS.test(id))
      lacking.push(`The KV namespace ${binding} has no id: wrangler kv namespace create`);
  const addresses = [
    ...Object.entries(config.vars).map(([key, value]) => [key, String(value)] as const),
    ...(config.routes ?? []).map(
      (route) => ["routes", typeof route === "string" ? route : route.pattern] as const,
    ),
  ];
  for (const [key, value] of addresses)
    if (EXAMPLE.test(value)) lacking.push(`${key} is still ${value}: give your own address`);
  const { BACKEND_URL, ALLOW_INSECURE_BACKEND } = config.vars;
  // The Worker would refuse it with each request.
  if (String(BACKEND_URL).startsWith("http:") && ALLOW_INSECURE_BACKEND !== "true")
    lacking.push(
      "BACKEND_URL is plain http: give an https:// address, or set ALLOW_INSECURE_BACKEND where the way is private",
    );
  return { name, origin: String(config.vars.EDGE_ORIGIN ?? "").replace(/\/+$/, ""), lacking };
}
