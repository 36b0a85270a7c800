import {
  createKeySchema,
  issuedKeySchema,
  keySchema,
  nameSchema,
  rotateKeySchema,
  updateKeySchema,
  usageSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { pageQuery, pageSchema } from "../platform/http/paging.ts";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Keys";
const key = keySchema.meta({ id: "Key" });
const issued = issuedKeySchema.meta({ id: "IssuedKey" });
const parameters = z.object({ id: z.string() });
const tenant = nameSchema.optional().meta({
  description: "Another tenant than the key's own: only for the operator's key.",
});
const query = z.object({ tenant });
const json = (schema: z.ZodType) => ({ "application/json": schema });

export const KEY_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/keys",
    id: "createKey",
    tag,
    scope: "admin",
    summary: "Make an API key",
    description: "The answer is the only one that shows `key`: only its hash is kept.",
    body: json(createKeySchema),
    answers: {
      201: { description: "The key.", schema: issued, headers: { location: "The key, without its secret." } },
    },
  },
  {
    method: "get",
    path: "/v1/keys",
    id: "listKeys",
    tag,
    scope: "admin",
    summary: "The tenant's keys, newest first",
    query: z.object({ tenant, ...pageQuery }),
    answers: { 200: { description: "A page of keys.", schema: pageSchema(key) } },
  },
  {
    method: "get",
    path: "/v1/keys/{id}",
    id: "getKey",
    tag,
    scope: "admin",
    summary: "A key",
    parameters,
    query,
    answers: { 200: { description: "The key.", schema: key } },
    problems: ["key_not_found"],
  },
  {
    method: "patch",
    path: "/v1/keys/{id}",
    id: "updateKey",
    tag,
    scope: "admin",
    summary: "Change a key's name, scopes, expiry or limits",
    parameters,
    query,
    body: json(updateKeySchema),
    answers: { 200: { description: "The key as it is now.", schema: key } },
    problems: ["key_not_found", "key_revoked"],
  },
  {
    method: "delete",
    path: "/v1/keys/{id}",
    id: "revokeKey",
    tag,
    scope: "admin",
    summary: "Revoke a key",
    description: "It is refused from now on, with every secret it has. Doing it again changes nothing.",
    parameters,
    query,
    answers: { 204: { description: "Revoked." } },
    problems: ["key_not_found"],
  },
  {
    method: "post",
    path: "/v1/keys/{id}/rotate",
    id: "rotateKey",
    tag,
    scope: "admin",
    summary: "Give a key a new secret",
    description:
      "The secret before stays valid for `overlap_s`, a day unless told otherwise; one that was replaced earlier " +
      "ends at once.",
    parameters,
    query,
    body: json(rotateKeySchema),
    bodyOptional: true,
    answers: { 200: { description: "The key with its new secret.", schema: issued } },
    problems: ["key_not_found", "key_revoked"],
  },
  {
    method: "get",
    path: "/v1/usage",
    id: "listUsage",
    tag,
    scope: "admin",
    summary: "Requests by day and key, newest day first",
    description: "Days are of UTC; they are kept for 400 days.",
    query: z.object({
      tenant,
      from: z.iso.date().optional(),
      to: z.iso.date().optional().meta({ description: "Included." }),
      ...pageQuery,
    }),
    answers: { 200: { description: "A page.", schema: pageSchema(usageSchema.meta({ id: "Usage" })) } },
  },
];
