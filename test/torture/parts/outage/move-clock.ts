// Time that passes at once: everything that is written down becomes older.

import { ageObjects, writeDatabase } from "../../../e2e/stored-state.ts";

const TIMES = {
  library_references: ["created_at", "updated_at", "due_at"],
  deleted_references: ["updated_at"],
  checks: ["created_at", "updated_at", "due_at"],
  imports: ["created_at", "updated_at"],
  import_lines: ["due_at", "updated_at"],
};

/** As if the edge had stood still for so long; only while it does not run. */
export function moveClock(stateDir: string, ms: number): void {
  const earlier = (column: string) =>
    `${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${Math.round(ms / 1000)} seconds')`;
  for (const [table, columns] of Object.entries(TIMES)) {
    writeDatabase(stateDir, `UPDATE ${table} SET ${columns.map(earlier).join(", ")}`);
  }
  ageObjects(stateDir, ms);
}
