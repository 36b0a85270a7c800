import { ProblemError } from "@twinframe/shared/problem";
import type { Services } from "../services.ts";
import { findCheck } from "../stores/checks.ts";
import type { CheckRow } from "../stores/rows.ts";

/** The check by that id; another tenant's is told as an unknown one. */
export async function findOwnCheck(
  { bindings }: Pick<Services, "bindings">,
  tenant: string,
  id: string,
): Promise<CheckRow> {
  const row = await findCheck(bindings.DB, id);
  if (row === null || row.tenant !== tenant) {
    throw new ProblemError("check_not_found", `There is no check "${id}". Use the id that its POST gave.`);
  }
  return row;
}
