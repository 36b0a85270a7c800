import type { BackendReadiness } from "@twinframe/shared/contract";
import { Hono } from "hono";
import { backendReadiness } from "../clients/gpu-backend.ts";
import type { AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";
import { readInstallation } from "../stores/index-expectation.ts";

/** By the whole; what a single library expects, each request about it says. */
function wrongIndex(
  { installation, claimed_at, ready }: Awaited<ReturnType<typeof readInstallation>>,
  index: BackendReadiness["index"] | undefined,
): string[] {
  if (claimed_at === null || ready === 0 || index?.installation === undefined) return [];
  if (index.installation === installation) return [];
  return ["the index is not the one of these references: see GET /v1/admin/index"];
}

export const health = new Hono<AppEnv>()
  .get("/livez", (c) => c.json({ live: true }))
  .all("/livez", onlyMethods("GET"))
  .get("/readyz", async (c) => {
    const { bindings, config } = servicesOf(c.env, c.executionCtx);
    const [backend, database] = await Promise.all([
      backendReadiness(config).catch(() => null),
      // Not `SELECT 1`: a database whose migrations are missing is not ready either.
      readInstallation(bindings.DB).catch(() => null),
    ]);
    const reasons = [
      ...(database === null
        ? ["the database does not answer, or its migrations have not been applied"]
        : wrongIndex(database, backend?.index)),
      ...(backend === null ? ["the analysis service does not answer"] : backend.reasons),
    ];
    const ready = reasons.length === 0 && backend?.ready === true;
    const { model = null, execution_provider = null } = backend ?? {};
    const { installation: _, ...index } = backend?.index ?? {};
    if (!ready) c.header("retry-after", "5");
    const told = { ready, reasons, model, execution_provider, index: backend === null ? null : index };
    return c.json(told, ready ? 200 : 503);
  })
  .all("/readyz", onlyMethods("GET"));
