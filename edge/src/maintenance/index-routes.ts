// The index as a whole: generations and snapshots. For operators.

import {
  adoptIndexSchema,
  confirmSchema,
  generationNameSchema,
  newGenerationSchema,
  snapshotIdSchema,
  switchGenerationSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { type Action, audited } from "../auth/audit.ts";
import { requireScope } from "../auth/authenticate.ts";
import {
  createGeneration,
  deleteSnapshot,
  dropGeneration,
  listSnapshots,
} from "../backend-client/maintenance.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { requireConfirmation } from "./confirm.ts";
import { adoptIndex, readIndex, switchGeneration } from "./generations.ts";
import { refuseWhileFilling } from "./job-conflicts.ts";

const context = (c: AppContext) => requestContextOf(c.env, c.executionCtx);
const nameOf = (c: AppContext) =>
  parseWith(z.object({ name: generationNameSchema }), { name: c.req.param("name") }).name;
const snapshotOf = (c: AppContext) =>
  parseWith(z.object({ id: snapshotIdSchema }), { id: c.req.param("id") }).id;

const act = <T>(c: AppContext, action: string, subject: object, work: () => Promise<T>) =>
  audited<T>(c.env.DB, { by: c.get("caller"), action, subject } satisfies Action, work);

export const adminIndex = new Hono<AppEnv>()
  .use(requireScope("admin", { operator: true }))
  .get("/", async (c) => c.json(await readIndex(context(c))))
  .all("/", onlyMethods("GET"))
  .post("/generations", async (c) => {
    const generation = parseWith(newGenerationSchema, await readJson(c));
    const { config } = context(c);
    await act(c, "generation.create", generation, () => createGeneration(config, generation));
    return c.json(await readIndex(context(c)), 201);
  })
  .all("/generations", onlyMethods("POST"))
  .delete("/generations/:name", async (c) => {
    const name = nameOf(c);
    requireConfirmation(parseWith(confirmSchema, await readJson(c)).confirm, name);
    await refuseWhileFilling(c.env.DB);
    const { config } = context(c);
    await act(c, "generation.drop", { name }, () => dropGeneration(config, name));
    return c.body(null, 204);
  })
  .all("/generations/:name", onlyMethods("DELETE"))
  .post("/live", async (c) => {
    const asked = parseWith(switchGenerationSchema, await readJson(c));
    return c.json(await act(c, "generation.switch", asked, () => switchGeneration(context(c), asked)));
  })
  .all("/live", onlyMethods("POST"))
  .post("/adopt", async (c) => {
    const asked = parseWith(adoptIndexSchema, await readJson(c));
    return c.json(await act(c, "index.adopt", asked, () => adoptIndex(context(c), asked)));
  })
  .all("/adopt", onlyMethods("POST"))
  .get("/snapshots", async (c) => c.json({ snapshots: await listSnapshots(context(c).config) }))
  .all("/snapshots", onlyMethods("GET"))
  .delete("/snapshots/:id", async (c) => {
    const id = snapshotOf(c);
    requireConfirmation(parseWith(confirmSchema, await readJson(c)).confirm, id);
    await refuseWhileFilling(c.env.DB);
    const { config } = context(c);
    await act(c, "snapshot.delete", { snapshot: id }, () => deleteSnapshot(config, id));
    return c.body(null, 204);
  })
  .all("/snapshots/:id", onlyMethods("DELETE"));
