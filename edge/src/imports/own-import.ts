import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import { cancelImportRow, findImport, type ImportRow } from "./store/imports.ts";

/** Another tenant's import is told as an unknown one. */
export async function findOwnImport(
  { bindings }: RequestContext,
  tenant: string,
  id: string,
): Promise<ImportRow> {
  const row = await findImport(bindings.DB, tenant, id);
  if (row !== null) return row;
  throw new ProblemError("import_not_found", `There is no import "${id}". Use the id that its POST gave.`);
}

/** Begins no further line; what is under way ends as it does. */
export async function cancelImport(context: RequestContext, tenant: string, id: string): Promise<ImportRow> {
  await findOwnImport(context, tenant, id);
  const cancelled = await cancelImportRow(context.bindings.DB, id, new Date().toISOString());
  const row = await findOwnImport(context, tenant, id);
  if (cancelled || row.status === "cancelled") return row;
  throw new ProblemError("import_finished", "The import is completed already; there is nothing to cancel.");
}
