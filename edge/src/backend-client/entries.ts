// The entries of references in the index.

import {
  backendReferencePath,
  type EntryChanges,
  type IndexedAt,
  indexedAtSchema,
  type ReferenceKey,
} from "@twinframe/shared/contract";
import type { Configuration } from "../platform/configuration.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { backendUnavailable } from "./backend-unavailable.ts";
import { installationOf } from "./index-identity.ts";
import { call, problemOf } from "./request.ts";

/** Removes from the index what `jobId` put there under this id; what another job put there stays. */
export async function forgetReference(
  context: Pick<RequestContext, "config" | "bindings">,
  key: ReferenceKey,
  jobId: string,
): Promise<IndexedAt> {
  const query = new URLSearchParams({ installation: await installationOf(context), job_id: jobId });
  const path = `${backendReferencePath(key.tenant, key.library, key.id)}?${query}`;
  return indexedAt(await call(context.config, { method: "DELETE", path }));
}

/** Entries of a library that are to go, or to be out of searches, or back in them; may be sent again. */
export async function changeEntries(config: Configuration, changes: EntryChanges): Promise<IndexedAt> {
  const asked = { path: "/internal/index/changes", body: JSON.stringify(changes) };
  return indexedAt(await call(config, { ...asked, method: "POST" }));
}

async function indexedAt(response: Response): Promise<IndexedAt> {
  if (!response.ok) throw await problemOf(response);
  const parsed = indexedAtSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) throw backendUnavailable(parsed.error);
  return parsed.data;
}
