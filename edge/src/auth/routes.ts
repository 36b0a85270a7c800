import {
  createKeySchema,
  type Key,
  nameSchema,
  rotateKeySchema,
  type Scope,
  updateKeySchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext, AppEnv } from "../platform/http/http-types.ts";
import { parseWith, readJson, readOptionalJson } from "../platform/http/json-body.ts";
import { decodeCursor, pageOf, pageQuery } from "../platform/http/paging.ts";
import { onlyMethods } from "../platform/http/problem.ts";
import { auditDone } from "./audit.ts";
import { requireScope } from "./authenticate.ts";
import { changeKey, createKey, readKey, rotateKey } from "./issue.ts";
import { listKeys, revokeKey } from "./store/keys.ts";
import { refuseWhilePurged } from "./tenant-purge.ts";
import { keyView } from "./view.ts";

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

/** A secret of such a key is an operator's: nobody else makes, changes, renews or ends one. */
function refuseForOperators(c: AppContext, ...scopes: readonly (readonly Scope[] | undefined)[]): void {
  if (c.get("caller").operator || !scopes.some((some) => some?.includes("operator"))) return;
  throw new ProblemError(
    "insufficient_scope",
    "Only an operator's key may do this to a key with the scope operator.",
  );
}

/** The key that a request is about. */
async function keyOf(c: AppContext): Promise<{ tenant: string; id: string }> {
  const tenant = ofQuery(c);
  const row = await readKey(c.env.DB, tenant, c.req.param("id") ?? "");
  refuseForOperators(c, JSON.parse(row.scopes));
  return { tenant, id: row.id };
}

const note = (c: AppContext, action: string, subject: object) =>
  auditDone(c.env.DB, { by: c.get("caller"), action, subject });
const subjectOf = ({ id, tenant, name, scopes }: Key) => ({ id, tenant, name, scopes });

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
    refuseForOperators(c, body.scopes);
    const tenant = tenantOf(c, body.tenant);
    await refuseWhilePurged(c.env.DB, tenant);
    const made = await createKey(c.env.DB, tenant, body);
    await note(c, "key.create", subjectOf(made));
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
    const change = parseWith(updateKeySchema, await readJson(c));
    const { tenant, id } = await keyOf(c);
    refuseForOperators(c, change.scopes);
    const changed = await changeKey(c.env.DB, tenant, id, change);
    await note(c, "key.change", subjectOf(changed));
    return c.json(changed);
  })
  .delete("/:id", requireScope("admin"), async (c) => {
    const { tenant, id } = await keyOf(c);
    await revokeKey(c.env.DB, tenant, id, new Date().toISOString());
    await note(c, "key.revoke", { id, tenant });
    return c.body(null, 204);
  })
  .all("/:id", onlyMethods("GET", "PATCH", "DELETE"))
  .post("/:id/rotate", requireScope("admin"), async (c) => {
    const { overlap_s } = parseWith(rotateKeySchema, await readOptionalJson(c));
    const { tenant, id } = await keyOf(c);
    const rotated = await rotateKey(c.env.DB, tenant, id, overlap_s);
    await note(c, "key.rotate", subjectOf(rotated));
    return c.json(rotated);
  })
  .all("/:id/rotate", onlyMethods("POST"));
