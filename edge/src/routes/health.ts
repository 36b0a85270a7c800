import { Hono } from "hono";
import { backendReadiness } from "../clients/gpu-backend.ts";
import type { AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";

export const health = new Hono<AppEnv>()
  .get("/livez", (c) => c.json({ live: true }))
  .all("/livez", onlyMethods("GET"))
  .get("/readyz", async (c) => {
    const { bindings, config } = servicesOf(c.env, c.executionCtx);
    const [backend, database] = await Promise.all([
      backendReadiness(config).catch(() => null),
      // Not `SELECT 1`: a database whose migrations are missing is not ready either.
      bindings.DB.prepare("SELECT 1 FROM checks LIMIT 1")
        .first()
        .then(
          () => true,
          () => false,
        ),
    ]);
    const reasons = [
      ...(database ? [] : ["the database does not answer, or its migrations have not been applied"]),
      ...(backend === null ? ["the analysis service does not answer"] : backend.reasons),
    ];
    const ready = database && backend?.ready === true;
    const { model = null, execution_provider = null, index = null } = backend ?? {};
    if (!ready) c.header("retry-after", "5");
    return c.json({ ready, reasons, model, execution_provider, index }, ready ? 200 : 503);
  })
  .all("/readyz", onlyMethods("GET"));
