import {
  createLibrarySchema,
  nameSchema,
  patchLibrarySchema,
  policyInputSchema,
  policyTrialSchema,
} from "@twinframe/shared/contract";
import { Hono } from "hono";
import { z } from "zod";
import { auditDone } from "../auth/audit.ts";
import { requireScope } from "../auth/authenticate.ts";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson } from "../platform/http/json-body.ts";
import { decodeCursor, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { addLibrary, describeLibrary, libraryView, putPolicy, readLibrary, removeLibrary } from "./manage.ts";
import { purgeCache } from "./purge-cache.ts";
import { type LibraryKey, listLibraries } from "./store/libraries.ts";
import { tryPolicy } from "./trial.ts";

const listSchema = z.strictObject(pageQuery);
const paramsSchema = z.object({ name: nameSchema });

function keyOf(c: AppContext): LibraryKey {
  const { name } = parseWith(paramsSchema, { name: c.req.param("name") });
  return { tenant: c.get("caller").tenant, name };
}
const subjectOf = ({ tenant, name }: LibraryKey) => ({ tenant, library: name });
const note = (c: AppContext, action: string, subject: object) =>
  auditDone(c.env.DB, { by: c.get("caller"), action, subject });
const context = (c: AppContext) => requestContextOf(c.env, c.executionCtx);

export const libraries = new Hono<AppEnv>()
  .use(requireScope("libraries:manage"))
  .post("/", async (c) => {
    const library = parseWith(createLibrarySchema, await readJson(c));
    const created = await addLibrary(context(c), c.get("caller").tenant, library);
    c.header("location", `/v1/libraries/${created.name}`);
    return c.json(created, 201);
  })
  .get("/", async (c) => {
    const { limit, cursor } = parseWith(listSchema, c.req.query());
    const [after = ""] = decodeCursor(cursor, 1) ?? [];
    const rows = await listLibraries(c.env.DB, c.get("caller").tenant, after, limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, ({ name }) => [name]);
    return c.json({ data: data.map(libraryView), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:name", async (c) => c.json(await readLibrary(context(c), keyOf(c))))
  .patch("/:name", async (c) => {
    const key = keyOf(c);
    const { description } = parseWith(patchLibrarySchema, await readJson(c));
    return c.json(await describeLibrary(context(c), key, description));
  })
  .delete("/:name", async (c) => {
    await removeLibrary(context(c), keyOf(c));
    return c.body(null, 204);
  })
  .all("/:name", onlyMethods("GET", "PATCH", "DELETE"))
  .get("/:name/policy", async (c) => c.json((await readLibrary(context(c), keyOf(c))).policy))
  .put("/:name/policy", async (c) => {
    const key = keyOf(c);
    const saved = await putPolicy(context(c), key, parseWith(policyInputSchema, await readJson(c)));
    await note(c, "policy.save", { ...subjectOf(key), policy: saved });
    return c.json(saved);
  })
  .all("/:name/policy", onlyMethods("GET", "PUT"))
  .post("/:name/policy/trial", async (c) => {
    const key = keyOf(c);
    return c.json(await tryPolicy(context(c), key, parseWith(policyTrialSchema, await readJson(c))));
  })
  .all("/:name/policy/trial", onlyMethods("POST"))
  .post("/:name/cache/purge", async (c) => {
    const key = keyOf(c);
    await readLibrary(context(c), key);
    await purgeCache(context(c), subjectOf(key));
    await note(c, "cache.purge", subjectOf(key));
    return c.body(null, 204);
  })
  .all("/:name/cache/purge", onlyMethods("POST"));
