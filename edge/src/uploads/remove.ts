// The end of what nobody will use again: on request, or when its time is over.

import { logFailure } from "../observe/log.ts";
import type { Services } from "../services.ts";
import {
  deleteUpload,
  expiredUploads,
  expireUpload,
  isObjectInUse,
  type UploadRow,
} from "../stores/uploads.ts";
import { placeOf } from "./place.ts";

/** Removes an expired upload, unless a check or a reference under way still reads it: then a sweep will. */
async function dispose(services: Services, upload: UploadRow): Promise<boolean> {
  const { DB, OBJECTS } = services.bindings;
  if (await isObjectInUse(DB, upload.object_key)) return false;
  if (upload.status === "open") {
    // It may have been joined, or aborted, by a request that was cut off; and buckets drop what is never joined.
    await Promise.resolve()
      .then(() => placeOf(services, upload.via).abort(upload))
      .catch((error) => logFailure("an upload could not be aborted", { upload_id: upload.id }, error));
  }
  await OBJECTS.delete(upload.object_key);
  await deleteUpload(DB, upload.id);
  return true;
}

export async function removeUpload(services: Services, upload: UploadRow): Promise<void> {
  await expireUpload(services.bindings.DB, upload.id, new Date().toISOString());
  await dispose(services, upload);
}

/** A request that read its upload in time may not have written down yet that it uses it. */
const GRACE_MS = 5 * 60_000;

export async function sweepUploads(services: Services, nowMs: number): Promise<number> {
  let removed = 0;
  for (const upload of await expiredUploads(services.bindings.DB, new Date(nowMs - GRACE_MS).toISOString())) {
    // One that cannot be removed now must not keep the others.
    const done = await dispose(services, upload).catch((error) => {
      logFailure("an upload could not be removed", { upload_id: upload.id }, error);
      return false;
    });
    if (done) removed++;
  }
  return removed;
}
