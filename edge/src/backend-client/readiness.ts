import { type BackendReadiness, backendReadinessSchema } from "@twinframe/shared/contract";
import type { Configuration } from "../platform/configuration.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import { call } from "./request.ts";

export async function backendReadiness(config: Configuration): Promise<BackendReadiness> {
  const response = await call(config, { method: "GET", path: "/readyz" });
  const parsed = backendReadinessSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw backendUnavailable(parsed.error);
  return parsed.data;
}
