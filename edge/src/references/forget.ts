import { forgetReference } from "../clients/gpu-backend.ts";
import { isOfUpload } from "../intake/drop-object.ts";
import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { findDeleted, forgetDeleted } from "../stores/deleted-references.ts";
import { noteEpoch } from "../stores/index-expectation.ts";

export async function queueForgetting(
  { bindings }: Services,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
): Promise<void> {
  await bindings.JOBS.send({ type: "reference_delete", tenant, library, id, job_id: jobId });
}

/** Makes the backend, and the object store, forget a deleted reference. */
export async function finishForgetting(services: Services, key: ReferenceKey, jobId: string): Promise<void> {
  const { DB, OBJECTS } = services.bindings;
  const deleted = await findDeleted(DB, key, jobId);
  if (deleted === null) return;
  const told = await forgetReference(services, key, jobId);
  const { object_key: objectKey } = deleted;
  if (objectKey !== null && !isOfUpload(objectKey)) await OBJECTS.delete(objectKey);
  await DB.batch([noteEpoch(DB, key.tenant, key.library, told.epoch), forgetDeleted(DB, key, jobId)]);
}
