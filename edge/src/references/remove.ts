import { ProblemError } from "@twinframe/shared/problem";
import type { ReferenceKey } from "../jobs/messages.ts";
import type { Services } from "../services.ts";
import { deleteReferenceRow } from "../stores/deleted-references.ts";
import { finishForgetting, queueForgetting } from "./forget.ts";

export const referenceNotFound = ({ library, id }: ReferenceKey) =>
  new ProblemError(
    "reference_not_found",
    `The library "${library}" has no reference "${id}". Check the id, and the library in the query string.`,
  );

/** Takes a reference out of every verdict at once; the backend forgets it now, or when it is back. */
export async function removeReference(services: Services, key: ReferenceKey): Promise<void> {
  const removed = await deleteReferenceRow(services.bindings.DB, key, new Date().toISOString());
  if (removed === null) throw referenceNotFound(key);
  try {
    await finishForgetting(services, key, removed.job_id);
  } catch {
    // A message lost here is made up for by the sweeper, which reads the same table.
    await queueForgetting(services, key, removed.job_id).catch(() => {});
  }
}
