import { createLibrarySchema, librarySchema, patchLibrarySchema } from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { auditDone } from "../auth/audit.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { decodeCursor, pageOf, pageQuery, pageSchema } from "../platform/http/paging.ts";
import { Api } from "../platform/openapi/api.ts";
import { headers, json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { addLibrary, describeLibrary, libraryView, readLibrary, removeLibrary } from "./manage.ts";
import { oneLibrary } from "./one-library.ts";
import { purgeCache } from "./purge-cache.ts";
import { listLibraries } from "./store/libraries.ts";

const library = librarySchema.meta({ id: "Library" });

export const libraries = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/libraries",
      operationId: "createLibrary",
      tags: ["Libraries"],
      summary: "Create a library",
      description:
        "Not needed to add references or to check: a library comes into being with its first reference.",
      ...needs("libraries:manage"),
      request: { body: jsonBody(createLibrarySchema) },
      responses: {
        201: {
          description: "Created.",
          content: json(library),
          headers: headers({ location: "The library." }),
        },
      },
      problems: ["library_exists"],
    }),
    async (c) => {
      const created = await addLibrary(contextOf(c), tenantOf(c), c.req.valid("json"));
      c.header("location", `/v1/libraries/${created.name}`);
      return c.json(created, 201);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/libraries",
      operationId: "listLibraries",
      tags: ["Libraries"],
      summary: "Libraries by name, with how many references they have",
      ...needs("libraries:manage"),
      request: { query: z.strictObject(pageQuery) },
      responses: { 200: { description: "A page.", content: json(pageSchema(library)) } },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid("query");
      const [after = ""] = decodeCursor(cursor, 1) ?? [];
      const rows = await listLibraries(c.env.DB, tenantOf(c), after, limit + 1);
      const { data, next_cursor } = pageOf(rows, limit, ({ name }) => [name]);
      return c.json({ data: data.map(libraryView), next_cursor }, 200);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/libraries/{name}",
      operationId: "getLibrary",
      tags: ["Libraries"],
      summary: "A library",
      ...needs("libraries:manage"),
      ...oneLibrary,
      responses: { 200: { description: "The library.", content: json(library) } },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("param") };
      return c.json(await readLibrary(contextOf(c), key), 200);
    },
  )
  .serve(
    createRoute({
      method: "patch",
      path: "/v1/libraries/{name}",
      operationId: "updateLibrary",
      tags: ["Libraries"],
      summary: "Describe a library",
      ...needs("libraries:manage"),
      request: { ...oneLibrary.request, body: jsonBody(patchLibrarySchema) },
      responses: { 200: { description: "The library.", content: json(library) } },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const key = { tenant: tenantOf(c), ...c.req.valid("param") };
      return c.json(await describeLibrary(contextOf(c), key, c.req.valid("json").description), 200);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/libraries/{name}",
      operationId: "deleteLibrary",
      tags: ["Libraries"],
      summary: "Delete an empty library",
      description: "The default library stays, without its description and with the default policy.",
      ...needs("libraries:manage"),
      ...oneLibrary,
      responses: { 204: { description: "Deleted." } },
      problems: ["library_not_found", "library_not_empty"],
    }),
    async (c) => {
      await removeLibrary(contextOf(c), { tenant: tenantOf(c), ...c.req.valid("param") });
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/libraries/{name}/cache/purge",
      operationId: "purgeLibraryCache",
      tags: ["Libraries"],
      summary: "Forget a library's cached verdicts",
      ...needs("libraries:manage"),
      ...oneLibrary,
      responses: { 204: { description: "Forgotten: the next check of each video is analysed anew." } },
      problems: ["library_not_found"],
    }),
    async (c) => {
      const tenant = tenantOf(c);
      const { name } = await readLibrary(contextOf(c), { tenant, ...c.req.valid("param") });
      const subject = { tenant, library: name };
      await purgeCache(contextOf(c), subject);
      await auditDone(c.env.DB, { by: c.get("caller"), action: "cache.purge", subject });
      return c.body(null, 204);
    },
  );
