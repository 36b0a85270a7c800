// The end of what nobody will use again: on request, or when its time is over.

import type { UploadRow } from "../ingest/store/uploads.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { uploadBackendOf } from "./choose-backend.ts";
import { deleteUpload, expiredUploads, expireUpload, isObjectInUse } from "./store/uploads.ts";

/** Removes an expired upload, unless a check or a reference under way still reads it: then a sweep will. */
async function dispose(context: RequestContext, upload: UploadRow): Promise<boolean> {
  const { DB, OBJECTS } = context.bindings;
  if (await isObjectInUse(DB, upload.object_key)) return false;
  if (upload.status === "open") {
    // It may have been joined, or aborted, by a request that was cut off; and buckets drop what is never joined.
    await Promise.resolve()
      .then(() => uploadBackendOf(context, upload.via).abort(upload))
      .catch((error) => logFailure("an upload could not be aborted", { upload_id: upload.id }, error));
  }
  await OBJECTS.delete(upload.object_key);
  await deleteUpload(DB, upload.id);
  return true;
}

export async function removeUpload(context: RequestContext, upload: UploadRow): Promise<void> {
  await expireUpload(context.bindings.DB, upload.id, new Date().toISOString());
  await dispose(context, upload);
}

/** A request that read its upload in time may not have written down yet that it uses it. */
const GRACE_MS = 5 * 60_000;

export async function sweepUploads(context: RequestContext, nowMs: number): Promise<number> {
  let removed = 0;
  for (const upload of await expiredUploads(context.bindings.DB, new Date(nowMs - GRACE_MS).toISOString())) {
    // One that cannot be removed now must not keep the others.
    const done = await dispose(context, upload).catch((error) => {
      logFailure("an upload could not be removed", { upload_id: upload.id }, error);
      return false;
    });
    if (done) removed++;
  }
  return removed;
}
