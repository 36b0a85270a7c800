import {
  createdUploadSchema,
  createUploadSchema,
  uploadIdSchema,
  uploadSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import { needs } from "../auth/access.ts";
import { readUpload } from "../ingest/uploaded-video.ts";
import { declaredLength } from "../ingest/video-origin.ts";
import { contextOf, tenantOf } from "../platform/http/of-request.ts";
import { untilDone } from "../platform/http/prefer.ts";
import { Api } from "../platform/openapi/api.ts";
import { headers, idParams, json, jsonBody } from "../platform/openapi/content.ts";
import { createRoute } from "../platform/openapi/route.ts";
import { completeUpload } from "./complete.ts";
import { openUpload } from "./open.ts";
import { putPart } from "./put-part.ts";
import { removeUpload } from "./remove.ts";
import { uploadView } from "./view.ts";

const upload = uploadSchema.meta({ id: "Upload" });
/** An id that no upload can have answers 404, as one that none has. */
const idDescribed = z.object({ id: uploadIdSchema });
const oneUpload = { request: { params: idParams }, described: { params: idDescribed } };

const partParams = idParams.extend({
  part: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "use a part's number")
    .transform(Number),
});

export const uploads = new Api()
  .serve(
    createRoute({
      method: "post",
      path: "/v1/uploads",
      operationId: "createUpload",
      tags: ["Uploads"],
      summary: "A place for a video too large for one request",
      description: `PUT each of \`missing_parts\` to its url, in any order, again where that failed; then complete the
upload and give its id to checks and references, as often as you like within 24 hours. With the \`sha256\` of the
file, \`known\` is the reference that has these very bytes: the upload can then be left out.`,
      ...needs("checks:write"),
      request: { body: jsonBody(createUploadSchema) },
      responses: {
        201: {
          description: "Ready for its parts.",
          content: json(createdUploadSchema.meta({ id: "CreatedUpload" })),
          headers: headers({ location: "The upload." }),
        },
      },
      problems: ["video_too_large", "too_many_uploads"],
    }),
    async (c) => {
      const opened = await openUpload(contextOf(c), tenantOf(c), c.req.valid("json"));
      c.header("location", `/v1/uploads/${opened.id}`);
      return c.json(opened, 201);
    },
  )
  .serve(
    createRoute({
      method: "get",
      path: "/v1/uploads/{id}",
      operationId: "getUpload",
      tags: ["Uploads"],
      summary: "An upload and what is still missing",
      description:
        "To go on with an upload that broke off: the urls of its missing parts are good until it expires.",
      ...needs("checks:write"),
      ...oneUpload,
      responses: { 200: { description: "The upload.", content: json(upload) } },
      problems: ["upload_not_found"],
    }),
    async (c) => {
      const row = await readUpload(contextOf(c), tenantOf(c), c.req.valid("param").id);
      return c.json(await uploadView(contextOf(c), row), 200);
    },
  )
  .serve(
    createRoute({
      method: "delete",
      path: "/v1/uploads/{id}",
      operationId: "deleteUpload",
      tags: ["Uploads"],
      summary: "Delete an upload",
      description: "Checks and references that have been accepted with it are still seen through.",
      ...needs("checks:write"),
      ...oneUpload,
      responses: { 204: { description: "Deleted." } },
      problems: ["upload_not_found"],
    }),
    async (c) => {
      await removeUpload(contextOf(c), await readUpload(contextOf(c), tenantOf(c), c.req.valid("param").id));
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "put",
      path: "/v1/uploads/{id}/parts/{part}",
      operationId: "putUploadPart",
      tags: ["Uploads"],
      summary: "Send one part",
      description: "Where `put_with` is `api_key`. Sent again it takes the place of the former.",
      ...needs("checks:write"),
      request: { params: partParams },
      described: {
        params: idDescribed.extend({ part: z.int().min(1).max(99_999) }),
        body: { required: true, content: { "application/octet-stream": {} } },
      },
      responses: { 204: { description: "It is there." } },
      problems: [
        "upload_not_found",
        "upload_closed",
        "part_size_mismatch",
        "upload_timeout",
        "truncated_video",
      ],
    }),
    async (c) => {
      const { id, part } = c.req.valid("param");
      const { body, headers } = c.req.raw;
      const row = await readUpload(contextOf(c), tenantOf(c), id);
      await putPart(contextOf(c), row, part, body, declaredLength(headers));
      return c.body(null, 204);
    },
  )
  .serve(
    createRoute({
      method: "post",
      path: "/v1/uploads/{id}/complete",
      operationId: "completeUpload",
      tags: ["Uploads"],
      summary: "All parts are there",
      description: `Joins the parts and reads the whole for its SHA-256, which takes some seconds for a large one. Who
does not hear the answer may ask again.`,
      ...needs("checks:write"),
      ...oneUpload,
      responses: { 200: { description: "It can be checked and added.", content: json(upload) } },
      problems: ["upload_not_found", "upload_incomplete", "not_a_video", "sha256_mismatch"],
    }),
    async (c) => {
      const row = await readUpload(contextOf(c), tenantOf(c), c.req.valid("param").id);
      const completed = await untilDone(c, completeUpload(contextOf(c), row));
      return c.json(await uploadView(contextOf(c), completed), 200);
    },
  );
