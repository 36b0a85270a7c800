import type { Services } from "../services.ts";

/** Deletes an object after the response; when that fails, a queued message does it. */
export function dropObject({ bindings, defer }: Services, key: string | null | undefined): void {
  if (!key) return;
  defer(
    bindings.OBJECTS.delete(key).catch(async () => {
      await bindings.JOBS.send({ type: "object_delete", object_key: key }, { delaySeconds: 30 });
    }),
  );
}
