// All references of the installation, page by page, in an order that does not change while others come and go.

import type { ReferenceKey } from "@twinframe/shared/contract";
import type { ReferenceRow } from "../../references/index.ts";

export type WalkedReference = Pick<
  ReferenceRow,
  "tenant" | "library" | "id" | "job_id" | "sha256" | "object_key" | "source" | "availability"
>;

/** Those in the index; at most `limit` behind `after`. */
export async function readyReferencesAfter(
  db: D1Database,
  after: ReferenceKey | null,
  limit: number,
): Promise<WalkedReference[]> {
  const { results } = await db
    .prepare(
      `SELECT tenant, library, id, job_id, sha256, object_key, source, availability FROM library_references
       WHERE status = 'ready' AND (tenant, library, id) > (?, ?, ?) ORDER BY tenant, library, id LIMIT ?`,
    )
    .bind(after?.tenant ?? "", after?.library ?? "", after?.id ?? "", limit)
    .all<WalkedReference>();
  return results;
}

export async function countReady(db: D1Database): Promise<number> {
  const sql = "SELECT COUNT(*) AS n FROM library_references WHERE status = 'ready'";
  return (await db.prepare(sql).first<number>("n")) ?? 0;
}

export interface LibraryCounts {
  tenant: string;
  library: string;
  ready: number;
  indexing: number;
  disabled: number;
}

export async function countByLibrary(db: D1Database, limit: number): Promise<LibraryCounts[]> {
  const { results } = await db
    .prepare(
      `SELECT tenant, library, SUM(status = 'ready' AND disabled_at IS NULL) AS ready,
              SUM(status = 'indexing' AND disabled_at IS NULL) AS indexing, SUM(disabled_at IS NOT NULL) AS disabled
       FROM library_references GROUP BY tenant, library ORDER BY tenant, library LIMIT ?`,
    )
    .bind(limit)
    .all<LibraryCounts>();
  return results;
}

export async function countReferences(
  db: D1Database,
): Promise<Pick<LibraryCounts, "ready" | "indexing" | "disabled">> {
  const row = await db
    .prepare(
      `SELECT COALESCE(SUM(status = 'ready' AND disabled_at IS NULL), 0) AS ready,
              COALESCE(SUM(status = 'indexing' AND disabled_at IS NULL), 0) AS indexing,
              COALESCE(SUM(disabled_at IS NOT NULL), 0) AS disabled
       FROM library_references`,
    )
    .first<Pick<LibraryCounts, "ready" | "indexing" | "disabled">>();
  return row!;
}

/** Of these keys, those that a reference has, or that one has which is being deleted. */
export async function knownKeys(db: D1Database, keys: readonly ReferenceKey[]): Promise<Set<string>> {
  const given =
    "SELECT value ->> 'tenant' AS t, value ->> 'library' AS l, value ->> 'id' AS i FROM json_each(?1)";
  const { results } = await db
    .prepare(
      `SELECT tenant, library, id FROM (${given}) JOIN library_references ON tenant = t AND library = l AND id = i
       UNION
       SELECT tenant, library, id FROM (${given}) JOIN deleted_references ON tenant = t AND library = l AND id = i`,
    )
    .bind(JSON.stringify(keys.map(({ tenant, library, id }) => ({ tenant, library, id }))))
    .all<ReferenceKey>();
  return new Set(results.map(keyText));
}

export const keyText = ({ tenant, library, id }: ReferenceKey) => `${tenant}/${library}/${id}`;
