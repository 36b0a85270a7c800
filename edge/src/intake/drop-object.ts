import type { Services } from "../services.ts";

/** What lies here belongs to an upload, however many jobs read it; it ends with the upload (uploads/remove.ts). */
export const UPLOADS_PREFIX = "uploads/";

export const isOfUpload = (key: string) => key.startsWith(UPLOADS_PREFIX);

/** Deletes a job's object after the response; when that fails, a queued message does it. */
export function dropObject({ bindings, defer }: Services, key: string | null | undefined): void {
  if (!key || isOfUpload(key)) return;
  defer(
    bindings.OBJECTS.delete(key).catch(async () => {
      await bindings.JOBS.send({ type: "object_delete", object_key: key }, { delaySeconds: 30 });
    }),
  );
}
