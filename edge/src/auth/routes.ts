import {
  createKeySchema,
  issuedKeySchema,
  type Key,
  keySchema,
  rotateKeySchema,
  type Scope,
  updateKeySchema,
} from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { z } from "zod";
import type { AppContext } from "../platform/http/http-types.ts";
import { decodeCursor, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { headers, idParams, json, jsonBody, optionalJsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { needs } from "./access.ts";
import { auditDone } from "./audit.ts";
import { changeKey, createKey, readKey, rotateKey } from "./issue.ts";
import { listKeys, revokeKey } from "./store/keys.ts";
import { namedTenant, permittedTenant } from "./tenant-of-key.ts";
import { refuseWhilePurged } from "./tenant-purge.ts";
import { keyView } from "./view.ts";

const key = keySchema.meta({ id: "Key" });
const issued = issuedKeySchema.meta({ id: "IssuedKey" });
const oneKey = { params: idParams, query: z.strictObject({ tenant: namedTenant }) };

/** A secret of such a key is an operator's: nobody else makes, changes, renews or ends one. */
function refuseForOperators(c: AppContext, ...scopes: readonly (readonly Scope[] | undefined)[]): void {
  if (c.get("caller").operator || !scopes.some((some) => some?.includes("operator"))) return;
  throw new ProblemError(
    "insufficient_scope",
    "Only an operator's key may do this to a key with the scope operator.",
  );
}

/** The key that a request is to change. */
async function changeableKey(c: AppContext, tenant: string | undefined, id: string) {
  const row = await readKey(c.env.DB, permittedTenant(c.get("caller"), tenant), id);
  refuseForOperators(c, JSON.parse(row.scopes));
  return { tenant: row.tenant, id: row.id };
}

const note = (c: AppContext, action: string, subject: object) =>
  auditDone(c.env.DB, { by: c.get("caller"), action, subject });
const subjectOf = ({ id, tenant, name, scopes }: Key) => ({ id, tenant, name, scopes });

export const keys = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/keys",
      operationId: "createKey",
      tags: ["Keys"],
      summary: "Make an API key",
      description: "The answer is the only one that shows `key`: only its hash is kept.",
      ...needs("admin"),
      request: { body: jsonBody(createKeySchema) },
      responses: {
        201: {
          description: "The key.",
          content: json(issued),
          headers: headers({ location: "The key, without its secret." }),
        },
      },
    }),
    async (c) => {
      const body = c.req.valid("json");
      const { expires_at } = body;
      if (expires_at && Date.parse(expires_at) <= Date.now()) {
        throw new ProblemError("invalid_request", "Give an expiry in the future, or none.", {
          errors: [{ pointer: "/expires_at", detail: "is in the past" }],
        });
      }
      refuseForOperators(c, body.scopes);
      const tenant = permittedTenant(c.get("caller"), body.tenant);
      await refuseWhilePurged(c.env.DB, tenant);
      const made = await createKey(c.env.DB, tenant, body);
      await note(c, "key.create", subjectOf(made));
      c.header("location", `/v1/keys/${made.id}`);
      return c.json(made, 201);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/keys",
      operationId: "listKeys",
      tags: ["Keys"],
      summary: "The tenant's keys, newest first",
      ...needs("admin"),
      request: { query: z.strictObject({ tenant: namedTenant, ...pageQuery }) },
      responses: { 200: { description: "A page of keys.", content: json(pageSchema(key)) } },
    }),
    async (c) => {
      const { tenant, limit, cursor } = c.req.valid("query");
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const rows = await listKeys(c.env.DB, permittedTenant(c.get("caller"), tenant), before, limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, (row) => [row.id]);
      return c.json({ data: data.map((row) => keyView(row)), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/keys/{id}",
      operationId: "getKey",
      tags: ["Keys"],
      summary: "A key",
      ...needs("admin"),
      request: oneKey,
      responses: { 200: { description: "The key.", content: json(key) } },
      problems: ["key_not_found"],
    }),
    async (c) => {
      const tenant = permittedTenant(c.get("caller"), c.req.valid("query").tenant);
      return c.json(keyView(await readKey(c.env.DB, tenant, c.req.valid("param").id)), 200);
    },
  )
  .serve(
    createRoute({
      method: "patch",
      path: "/v1/keys/{id}",
      operationId: "updateKey",
      tags: ["Keys"],
      summary: "Change a key's name, scopes, expiry or limits",
      ...needs("admin"),
      request: { ...oneKey, body: jsonBody(updateKeySchema) },
      responses: { 200: { description: "The key as it is now.", content: json(key) } },
      problems: ["key_not_found", "key_revoked"],
    }),
    async (c) => {
      const change = c.req.valid("json");
      const { tenant, id } = await changeableKey(c, c.req.valid("query").tenant, c.req.valid("param").id);
      refuseForOperators(c, change.scopes);
      const changed = await changeKey(c.env.DB, tenant, id, change);
      await note(c, "key.change", subjectOf(changed));
      return c.json(changed, 200);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/keys/{id}",
      operationId: "revokeKey",
      tags: ["Keys"],
      summary: "Revoke a key",
      description: "It is refused from now on, with every secret it has. Doing it again changes nothing.",
      ...needs("admin"),
      request: oneKey,
      responses: { 204: { description: "Revoked." } },
      problems: ["key_not_found"],
    }),
    async (c) => {
      const { tenant, id } = await changeableKey(c, c.req.valid("query").tenant, c.req.valid("param").id);
      await revokeKey(c.env.DB, tenant, id, new Date().toISOString());
      await note(c, "key.revoke", { id, tenant });
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/keys/{id}/rotate",
      operationId: "rotateKey",
      tags: ["Keys"],
      summary: "Give a key a new secret",
      description:
        "The secret before stays valid for `overlap_s`, a day unless told otherwise; one that was replaced earlier " +
        "ends at once.",
      ...needs("admin"),
      request: { ...oneKey, body: optionalJsonBody(rotateKeySchema) },
      responses: { 200: { description: "The key with its new secret.", content: json(issued) } },
      problems: ["key_not_found", "key_revoked"],
    }),
    async (c) => {
      const { overlap_s } = c.req.valid("json");
      const { tenant, id } = await changeableKey(c, c.req.valid("query").tenant, c.req.valid("param").id);
      const rotated = await rotateKey(c.env.DB, tenant, id, overlap_s);
      await note(c, "key.rotate", subjectOf(rotated));
      return c.json(rotated, 200);
    },
  );
