import type { ReferenceKey } from "@twinframe/shared/contract";
import { forgetReference } from "../backend-client/entries.ts";
import { noteEpoch } from "../backend-client/store/index-expectation.ts";
import { isOfUpload } from "../ingest/drop-object.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { findDeleted, forgetDeleted } from "./store/deleted-references.ts";

export async function queueForgetting(
  { bindings }: RequestContext,
  { tenant, library, id }: ReferenceKey,
  jobId: string,
): Promise<void> {
  await bindings.JOBS.send({ type: "reference_delete", tenant, library, id, job_id: jobId });
}

/** Makes the backend, and the object store, forget a deleted reference. */
export async function finishForgetting(
  context: RequestContext,
  key: ReferenceKey,
  jobId: string,
): Promise<void> {
  const { DB, OBJECTS } = context.bindings;
  const deleted = await findDeleted(DB, key, jobId);
  if (deleted === null) return;
  const indexedAt = await forgetReference(context, key, jobId);
  const { object_key: objectKey } = deleted;
  if (objectKey !== null && !isOfUpload(objectKey)) await OBJECTS.delete(objectKey);
  await DB.batch([noteEpoch(DB, key.tenant, key.library, indexedAt.epoch), forgetDeleted(DB, key, jobId)]);
}
