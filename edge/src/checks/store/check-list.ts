import type { CheckFilter } from "@twinframe/shared/contract";
import type { CheckRow } from "./check-row.ts";

/** Without the matches, which would make a page as large as hundreds of answers. */
export type ListedCheckRow = Pick<
  CheckRow,
  "id" | "status" | "library" | "result" | "problem" | "decision" | "created_at" | "completed_at"
>;

/** Newest first, and older than `after` (created_at and id). Every filter alone has an index in this order. */
export function listChecks(
  db: D1Database,
  tenant: string,
  filter: CheckFilter,
  after: readonly string[] | null,
  limit: number,
): D1PreparedStatement {
  const where = ["tenant = ?"];
  const values: (string | number)[] = [tenant];
  const add = (condition: string, ...bound: string[]) => {
    where.push(condition);
    values.push(...bound);
  };
  if (filter.status) add("status = ?", filter.status);
  if (filter.verdict) add("verdict = ?", filter.verdict);
  if (filter.library) add("library = ?", filter.library);
  // Spelled out, for the index that has only these.
  if (filter.decision) add("verdict = 'review'");
  if (filter.decision === "none") add("decided IS NULL");
  else if (filter.decision) add("decided = ?", filter.decision);
  if (filter.created_after) add("created_at > ?", filter.created_after);
  if (filter.created_before) add("created_at < ?", filter.created_before);
  if (after !== null) add("(created_at, id) < (?, ?)", ...after);
  return db
    .prepare(
      `SELECT id, status, library, json_remove(result, '$.matches') AS result, problem, decision,
              created_at, completed_at
       FROM checks WHERE ${where.join(" AND ")} ORDER BY created_at DESC, id DESC LIMIT ?`,
    )
    .bind(...values, limit);
}
