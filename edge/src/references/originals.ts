import type { ReferenceKey } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";

/** Where a reference's original lies, when originals are kept; outside what is swept after a day. */
export const originalKey = ({ tenant, library }: Omit<ReferenceKey, "id">, jobId: string) =>
  `references/${tenant}/${library}/${jobId}`;

/** Copies a check's object to where originals are kept; null when it is gone. Doing it twice does no harm. */
export async function keepOriginal(
  { bindings }: RequestContext,
  objectKey: string,
  key: ReferenceKey,
  jobId: string,
): Promise<string | null> {
  const object = await bindings.OBJECTS.get(objectKey);
  if (object === null) return null;
  const kept = originalKey(key, jobId);
  await bindings.OBJECTS.put(kept, object.body);
  return kept;
}
