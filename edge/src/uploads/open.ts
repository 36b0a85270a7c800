// A new upload: a place for its parts, and what is known before one has come.

import type { CreatedUpload, CreateUpload } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { ProblemError } from "@twinframe/shared/problem";
import { UPLOADS_PREFIX } from "../ingest/drop-object.ts";
import type { UploadRow } from "../ingest/store/uploads.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { findSameBytes } from "../references/index.ts";
import { currentVia, uploadBackendOf } from "./choose-backend.ts";
import { countUploads, insertUpload } from "./store/uploads.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import { uploadView } from "./view.ts";

const LIFE_MS = 24 * 3600_000;

export async function openUpload(
  context: RequestContext,
  tenant: string,
  { bytes, sha256, content_type, library }: CreateUpload,
): Promise<CreatedUpload> {
  const { bindings, config } = context;
  const { maxBytes, maxOpen, partBytes } = config.uploads;
  if (bytes > maxBytes) {
    throw new ProblemError("video_too_large", `Send a video of at most ${maxBytes} bytes.`);
  }
  const now = Date.now();
  const nowIso = new Date(now).toISOString();
  if ((await countUploads(bindings.DB, tenant, nowIso)) >= maxOpen) {
    throw new ProblemError(
      "too_many_uploads",
      `There are ${maxOpen} uploads. Delete those that you are done with, or wait until they expire.`,
    );
  }
  const id = newId("upl", now);
  const objectKey = `${UPLOADS_PREFIX}${id}`;
  const via = currentVia(context);
  const multipartId = await uploadBackendOf(context, via)
    .begin(objectKey)
    .catch((error) => {
      throw storeUnavailable(error);
    });
  const row: UploadRow = {
    id,
    tenant,
    status: "open",
    via,
    object_key: objectKey,
    multipart_id: multipartId,
    bytes,
    part_bytes: partBytes,
    content_type: content_type ?? null,
    declared_sha256: sha256 ?? null,
    sha256: null,
    problem: null,
    created_at: nowIso,
    expires_at: new Date(now + LIFE_MS).toISOString(),
  };
  await insertUpload(bindings.DB, row);
  const known = sha256 === undefined ? null : await findSameBytes(context, { tenant, library, sha256 });
  return { ...(await uploadView(context, row)), known };
}
