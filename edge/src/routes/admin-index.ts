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
import { createGeneration, deleteSnapshot, dropGeneration, listSnapshots } from "../clients/maintenance.ts";
import { type Action, audited } from "../maintenance/audit.ts";
import { requireConfirmation } from "../maintenance/confirm.ts";
import { adoptIndex, readIndex, switchGeneration } from "../maintenance/generations.ts";
import { refuseWhileFilling } from "../maintenance/in-the-way.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppContext, AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { servicesOf } from "../services.ts";
import { parseWith, readJson } from "./json-body.ts";

const services = (c: AppContext) => servicesOf(c.env, c.executionCtx);
const nameOf = (c: AppContext) =>
  parseWith(z.object({ name: generationNameSchema }), { name: c.req.param("name") }).name;
const snapshotOf = (c: AppContext) =>
  parseWith(z.object({ id: snapshotIdSchema }), { id: c.req.param("id") }).id;

const act = <T>(c: AppContext, action: string, subject: object, work: () => Promise<T>) =>
  audited<T>(c.env.DB, { by: c.get("caller"), action, subject } satisfies Action, work);

export const adminIndex = new Hono<AppEnv>()
  .use(requireScope("admin", { operator: true }))
  .get("/", async (c) => c.json(await readIndex(services(c))))
  .all("/", onlyMethods("GET"))
  .post("/generations", async (c) => {
    const generation = parseWith(newGenerationSchema, await readJson(c));
    const { config } = services(c);
    await act(c, "generation.create", generation, () => createGeneration(config, generation));
    return c.json(await readIndex(services(c)), 201);
  })
  .all("/generations", onlyMethods("POST"))
  .delete("/generations/:name", async (c) => {
    const name = nameOf(c);
    requireConfirmation(parseWith(confirmSchema, await readJson(c)).confirm, name);
    await refuseWhileFilling(c.env.DB);
    const { config } = services(c);
    await act(c, "generation.drop", { name }, () => dropGeneration(config, name));
    return c.body(null, 204);
  })
  .all("/generations/:name", onlyMethods("DELETE"))
  .post("/live", async (c) => {
    const asked = parseWith(switchGenerationSchema, await readJson(c));
    return c.json(await act(c, "generation.switch", asked, () => switchGeneration(services(c), asked)));
  })
  .all("/live", onlyMethods("POST"))
  .post("/adopt", async (c) => {
    const asked = parseWith(adoptIndexSchema, await readJson(c));
    return c.json(await act(c, "index.adopt", asked, () => adoptIndex(services(c), asked)));
  })
  .all("/adopt", onlyMethods("POST"))
  .get("/snapshots", async (c) => c.json({ snapshots: await listSnapshots(services(c).config) }))
  .all("/snapshots", onlyMethods("GET"))
  .delete("/snapshots/:id", async (c) => {
    const id = snapshotOf(c);
    requireConfirmation(parseWith(confirmSchema, await readJson(c)).confirm, id);
    await refuseWhileFilling(c.env.DB);
    const { config } = services(c);
    await act(c, "snapshot.delete", { snapshot: id }, () => deleteSnapshot(config, id));
    return c.body(null, 204);
  })
  .all("/snapshots/:id", onlyMethods("DELETE"));
