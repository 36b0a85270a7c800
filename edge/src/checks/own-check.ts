import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import type { CheckRow } from "./store/check-row.ts";
import { findCheck } from "./store/checks.ts";

/** The check by that id; another tenant's is told as an unknown one. */
export async function findOwnCheck(
  { bindings }: Pick<RequestContext, "bindings">,
  tenant: string,
  id: string,
): Promise<CheckRow> {
  const row = await findCheck(bindings.DB, id);
  if (row === null || row.tenant !== tenant) {
    throw new ProblemError("check_not_found", `There is no check "${id}". Use the id that its POST gave.`);
  }
  return row;
}
