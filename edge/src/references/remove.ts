import type { ReferenceKey } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { finishForgetting, queueForgetting } from "./forget.ts";
import { deleteReferenceRow } from "./store/deleted-references.ts";

export const referenceNotFound = ({ library, id }: ReferenceKey) =>
  new ProblemError(
    "reference_not_found",
    `The library "${library}" has no reference "${id}". Check the id, and the library in the query string.`,
  );

/** Takes a reference out of every verdict at once; the backend forgets it now, or when it is back. */
export async function removeReference(context: RequestContext, key: ReferenceKey): Promise<void> {
  const removed = await deleteReferenceRow(context.bindings.DB, key, new Date().toISOString());
  if (removed === null) throw referenceNotFound(key);
  try {
    await finishForgetting(context, key, removed.job_id);
  } catch {
    // A message lost here is made up for by the sweeper, which reads the same table.
    await queueForgetting(context, key, removed.job_id).catch(() => {});
  }
}
