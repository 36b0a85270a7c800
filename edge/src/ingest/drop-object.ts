import type { RequestContext } from "../platform/request-context.ts";
import { isS3Address } from "./s3-address.ts";

const INTAKE_PREFIX = "intake/";
/** What lies here belongs to an upload, however many jobs read it; it ends with the upload (uploads/remove.ts). */
export const UPLOADS_PREFIX = "uploads/";

export const isOfUpload = (key: string) => key.startsWith(UPLOADS_PREFIX);

/** As long as a link to it is good. What is lost on the way is swept after a day. */
const LATER_S = 3600;

/** Deletes a job's object after the response; when that fails, a queued message does it. Others' objects are not ours. */
export function dropObject({ bindings, defer }: RequestContext, key: string | null | undefined): void {
  if (!key || isOfUpload(key) || isS3Address(key)) return;
  defer(
    bindings.OBJECTS.delete(key).catch(async () => {
      await bindings.JOBS.send({ type: "object_delete", object_key: key }, { delaySeconds: 30 });
    }),
  );
}

/** Deletes a job's object, which the backend may still have to read. */
export function dropObjectLater({ bindings, defer }: RequestContext, key: string): void {
  if (!key.startsWith(INTAKE_PREFIX)) return;
  const message = { type: "object_delete" as const, object_key: key };
  defer(bindings.JOBS.send(message, { delaySeconds: LATER_S }));
}
