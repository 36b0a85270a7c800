import { ProblemError } from "@twinframe/shared/problem";
import type { Services } from "../services.ts";
import { cancelImportRow, findImport, type ImportRow } from "../stores/imports.ts";

/** Another tenant's import is told as an unknown one. */
export async function findOwnImport({ bindings }: Services, tenant: string, id: string): Promise<ImportRow> {
  const row = await findImport(bindings.DB, tenant, id);
  if (row !== null) return row;
  throw new ProblemError("import_not_found", `There is no import "${id}". Use the id that its POST gave.`);
}

/** Begins no further line; what is under way ends as it does. */
export async function cancelImport(services: Services, tenant: string, id: string): Promise<ImportRow> {
  await findOwnImport(services, tenant, id);
  const cancelled = await cancelImportRow(services.bindings.DB, id, new Date().toISOString());
  const row = await findOwnImport(services, tenant, id);
  if (cancelled || row.status === "cancelled") return row;
  throw new ProblemError("import_finished", "The import is completed already; there is nothing to cancel.");
}
