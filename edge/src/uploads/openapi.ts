import {
  createdUploadSchema,
  createUploadSchema,
  uploadIdSchema,
  uploadSchema,
} from "@twinframe/shared/contract";
import { z } from "zod";
import type { Operation } from "../platform/openapi/operation.ts";

const tag = "Uploads";
const scope = "checks:write";
const upload = uploadSchema.meta({ id: "Upload" });
const parameters = z.object({ id: uploadIdSchema });

export const UPLOAD_OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/v1/uploads",
    id: "createUpload",
    tag,
    scope,
    summary: "A place for a video too large for one request",
    description: `PUT each of \`missing_parts\` to its url, in any order, again where that failed; then complete the
upload and give its id to checks and references, as often as you like within 24 hours. With the \`sha256\` of the
file, \`known\` is the reference that has these very bytes: the upload can then be left out.`,
    body: { "application/json": createUploadSchema },
    answers: {
      201: {
        description: "Ready for its parts.",
        schema: createdUploadSchema.meta({ id: "CreatedUpload" }),
        headers: { location: "The upload." },
      },
    },
    problems: ["video_too_large", "too_many_uploads"],
  },
  {
    method: "get",
    path: "/v1/uploads/{id}",
    id: "getUpload",
    tag,
    scope,
    parameters,
    summary: "An upload and what is still missing",
    description:
      "To go on with an upload that broke off: the urls of its missing parts are good until it expires.",
    answers: { 200: { description: "The upload.", schema: upload } },
    problems: ["upload_not_found"],
  },
  {
    method: "delete",
    path: "/v1/uploads/{id}",
    id: "deleteUpload",
    tag,
    scope,
    parameters,
    summary: "Delete an upload",
    description: "Checks and references that have been accepted with it are still seen through.",
    answers: { 204: { description: "Deleted." } },
    problems: ["upload_not_found"],
  },
  {
    method: "put",
    path: "/v1/uploads/{id}/parts/{part}",
    id: "putUploadPart",
    tag,
    scope,
    summary: "Send one part",
    description: "Where `put_with` is `api_key`. Sent again it takes the place of the former.",
    parameters: parameters.extend({ part: z.int().min(1).max(99_999) }),
    body: { "application/octet-stream": null },
    answers: { 204: { description: "It is there." } },
    problems: [
      "upload_not_found",
      "upload_closed",
      "part_size_mismatch",
      "upload_timeout",
      "truncated_video",
    ],
  },
  {
    method: "post",
    path: "/v1/uploads/{id}/complete",
    id: "completeUpload",
    tag,
    scope,
    parameters,
    summary: "All parts are there",
    description: `Joins the parts and reads the whole for its SHA-256, which takes some seconds for a large one. Who
does not hear the answer may ask again.`,
    answers: { 200: { description: "It can be checked and added.", schema: upload } },
    problems: ["upload_not_found", "upload_incomplete", "not_a_video", "sha256_mismatch"],
  },
];
