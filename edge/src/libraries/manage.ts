// A tenant's libraries. One comes into being with its first reference too; what is written here is what it says
// of itself, and its policy.

import type { CreateLibrary, Library, Policy, VersionedPolicy } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { policyOfRow } from "./policy.ts";
import {
  createLibrary,
  deleteLibraryRow,
  findLibrary,
  type LibraryKey,
  type LibraryRow,
  saveDescription,
  savePolicy,
} from "./store/libraries.ts";

export const libraryView = (row: LibraryRow): Library => ({
  name: row.name,
  description: row.description ?? "",
  references: row.references_count,
  policy: policyOfRow(row),
  created_at: row.created_at,
});

async function existing({ bindings }: RequestContext, key: LibraryKey): Promise<LibraryRow> {
  const row = await findLibrary(bindings.DB, key);
  if (row !== null) return row;
  throw new ProblemError(
    "library_not_found",
    `There is no library "${key.name}". Create it with POST /v1/libraries, or add a reference to it.`,
  );
}

export const readLibrary = async (context: RequestContext, key: LibraryKey) =>
  libraryView(await existing(context, key));

export async function addLibrary(
  context: RequestContext,
  tenant: string,
  { name, description, policy }: CreateLibrary,
): Promise<Library> {
  const key = { tenant, name };
  const text = policy === undefined ? null : JSON.stringify(policy);
  if (!(await createLibrary(context.bindings.DB, key, description, text, new Date().toISOString()))) {
    throw new ProblemError(
      "library_exists",
      `The library "${name}" exists. Change it with PATCH /v1/libraries/${name}, or its policy with PUT.`,
    );
  }
  return readLibrary(context, key);
}

/** Makes the library unless it is there. */
export async function ensureLibrary(
  { bindings }: RequestContext,
  tenant: string,
  name: string,
): Promise<void> {
  const key = { tenant, name };
  if ((await findLibrary(bindings.DB, key)) !== null) return;
  await createLibrary(bindings.DB, key, "", null, new Date().toISOString());
}

export async function describeLibrary(
  context: RequestContext,
  key: LibraryKey,
  description: string,
): Promise<Library> {
  await existing(context, key);
  await saveDescription(context.bindings.DB, key, description, new Date().toISOString());
  return readLibrary(context, key);
}

export async function putPolicy(
  context: RequestContext,
  key: LibraryKey,
  policy: Policy,
): Promise<VersionedPolicy> {
  await existing(context, key);
  const text = JSON.stringify(policy);
  const version = await savePolicy(context.bindings.DB, key, text, new Date().toISOString());
  return { ...policy, version };
}

/** Only an empty one. The default library is there all the same: it is back to the default policy. */
export async function removeLibrary(context: RequestContext, key: LibraryKey): Promise<void> {
  await existing(context, key);
  await deleteLibraryRow(context.bindings.DB, key);
  const left = await findLibrary(context.bindings.DB, key);
  if (left === null || left.references_count === 0) return;
  throw new ProblemError(
    "library_not_empty",
    `The library "${key.name}" has ${left.references_count} references. Delete them first.`,
  );
}
