import { createKeySchema, nameSchema, rotateKeySchema, updateKeySchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { z } from "zod";
import { changeKey, createKey, readKey, rotateKey } from "../keys/issue.ts";
import { keyView } from "../keys/view.ts";
import { requireScope } from "../middleware/authenticate.ts";
import type { AppContext, AppEnv } from "../middleware/http-types.ts";
import { onlyMethods } from "../middleware/problem.ts";
import { listKeys, revokeKey } from "../stores/keys.ts";
import { parseWith, readJson, readOptionalJson } from "./json-body.ts";
import { decodeCursor, pageOf, pageQuery } from "./paging.ts";

const oneSchema = z.strictObject({ tenant: nameSchema.optional() });
const listSchema = z.strictObject({ tenant: nameSchema.optional(), ...pageQuery });

/** The caller's own tenant, or the one that an operator names. */
export function tenantOf(c: AppContext, named: string | undefined): string {
  const { tenant, operator } = c.get("caller");
  if (named === undefined || named === tenant || operator) return named ?? tenant;
  throw new ProblemError(
    "insufficient_scope",
    "Only the operator's key may name another tenant than its own.",
  );
}

const ofQuery = (c: AppContext) => tenantOf(c, parseWith(oneSchema, c.req.query()).tenant);

export const keys = new Hono<AppEnv>()
  .post("/", requireScope("admin"), async (c) => {
    const body = parseWith(createKeySchema, await readJson(c));
    const { expires_at } = body;
    if (expires_at && Date.parse(expires_at) <= Date.now()) {
      throw new ProblemError("invalid_request", "Give an expiry in the future, or none.", {
        errors: [{ pointer: "/expires_at", detail: "is in the past" }],
      });
    }
    const made = await createKey(c.env.DB, tenantOf(c, body.tenant), body);
    c.header("location", `/v1/keys/${made.id}`);
    return c.json(made, 201);
  })
  .get("/", requireScope("admin"), async (c) => {
    const { tenant, limit, cursor } = parseWith(listSchema, c.req.query());
    const before = decodeCursor(cursor, 1)?.[0] ?? null;
    const rows = await listKeys(c.env.DB, tenantOf(c, tenant), before, limit + 1);
    const { data, next_cursor } = pageOf(rows, limit, (row) => [row.id]);
    return c.json({ data: data.map((row) => keyView(row)), next_cursor });
  })
  .all("/", onlyMethods("GET", "POST"))
  .get("/:id", requireScope("admin"), async (c) =>
    c.json(keyView(await readKey(c.env.DB, ofQuery(c), c.req.param("id")))),
  )
  .patch("/:id", requireScope("admin"), async (c) => {
    const tenant = ofQuery(c);
    const change = parseWith(updateKeySchema, await readJson(c));
    return c.json(await changeKey(c.env.DB, tenant, c.req.param("id"), change));
  })
  .delete("/:id", requireScope("admin"), async (c) => {
    const tenant = ofQuery(c);
    const { id } = await readKey(c.env.DB, tenant, c.req.param("id"));
    await revokeKey(c.env.DB, tenant, id, new Date().toISOString());
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "PATCH", "DELETE"))
  .post("/:id/rotate", requireScope("admin"), async (c) => {
    const tenant = ofQuery(c);
    const { overlap_s } = parseWith(rotateKeySchema, await readOptionalJson(c));
    return c.json(await rotateKey(c.env.DB, tenant, c.req.param("id"), overlap_s));
  })
  .all("/:id/rotate", onlyMethods("POST"));
