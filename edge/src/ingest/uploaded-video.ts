import { uploadIdSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { findUpload, type UploadRow } from "./store/uploads.ts";
import type { VideoOrigin } from "./video-origin.ts";

export const uploadNotFound = (id: string) =>
  new ProblemError(
    "upload_not_found",
    `There is no upload "${id}"; perhaps it has expired. Begin one with POST /v1/uploads.`,
  );

export async function readUpload(
  { bindings }: RequestContext,
  tenant: string,
  id: string,
): Promise<UploadRow> {
  const valid = uploadIdSchema.safeParse(id).success;
  const row = valid ? await findUpload(bindings.DB, tenant, id, new Date().toISOString()) : null;
  if (row === null) throw uploadNotFound(id);
  return row;
}

/** A completed upload as the video of a check or a reference. */
export async function uploadedVideo(
  context: RequestContext,
  tenant: string,
  id: string,
): Promise<VideoOrigin> {
  const { status, problem, sha256, bytes, object_key } = await readUpload(context, tenant, id);
  if (status === "failed") throw ProblemError.fromProblem(JSON.parse(problem!));
  if (status !== "ready" || sha256 === null) {
    throw new ProblemError(
      "upload_incomplete",
      `Send the missing parts, then POST /v1/uploads/${id}/complete.`,
    );
  }
  return { kind: "stored", objectKey: object_key, sha256, bytes };
}
