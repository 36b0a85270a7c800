import {
  type Import,
  type ImportLine,
  type ImportLineStatus,
  importLineStatusSchema,
} from "@twinframe/shared/contract";
import type { ImportLineRow } from "./store/import-lines.ts";
import type { ImportRow } from "./store/imports.ts";

export function importView(row: ImportRow): Import {
  const { id, library, status, total, created_at, completed_at } = row;
  const counted = JSON.parse(row.counts ?? "{}") as Partial<Record<ImportLineStatus, number>>;
  const counts = Object.fromEntries(
    importLineStatusSchema.options.map((name) => [name, counted[name] ?? 0]),
  ) as Record<ImportLineStatus, number>;
  return { id, library, status, total, ...counts, created_at, completed_at };
}

export const lineView = ({ line, status, url, reference_id, problem }: ImportLineRow): ImportLine => ({
  line,
  status,
  url,
  reference_id,
  problem: problem === null ? null : JSON.parse(problem),
});
