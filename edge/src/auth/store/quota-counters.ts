// What a tenant's quota object keeps: a row a day for each key, and one for the tenant as a whole. It counts and
// it is what is billed from.

import type { Usage } from "@twinframe/shared/contract";

/** No key has this id. */
export const WHOLE_TENANT = "";

export interface CounterRow extends Record<string, SqlStorageValue> {
  key_id: string;
  requests: number;
  /** The minute since 1970 that `in_minute` counts. */
  minute: number;
  in_minute: number;
}

export function createCounters(sql: SqlStorage): void {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS usage (
       day TEXT NOT NULL,
       key_id TEXT NOT NULL,
       requests INTEGER NOT NULL,
       rate_limited INTEGER NOT NULL,
       minute INTEGER NOT NULL,
       in_minute INTEGER NOT NULL,
       PRIMARY KEY (day, key_id)
     ) WITHOUT ROWID`,
  );
}

export const countersOf = (sql: SqlStorage, day: string, keyId: string): CounterRow[] =>
  sql
    .exec<CounterRow>(
      "SELECT key_id, requests, minute, in_minute FROM usage WHERE day = ? AND key_id IN (?, ?)",
      ...[day, WHOLE_TENANT, keyId],
    )
    .toArray();

/** One request more, for the key and for the tenant. */
export function countLetThrough(sql: SqlStorage, day: string, keyId: string, minute: number): void {
  sql.exec(
    `INSERT INTO usage (day, key_id, requests, rate_limited, minute, in_minute)
     VALUES (?1, ?2, 1, 0, ?4, 1), (?1, ?3, 1, 0, ?4, 1)
     ON CONFLICT (day, key_id) DO UPDATE
     SET requests = requests + 1, minute = excluded.minute,
         in_minute = iif(minute = excluded.minute, in_minute + 1, 1)`,
    ...[day, WHOLE_TENANT, keyId, minute],
  );
}

export function countRefused(sql: SqlStorage, day: string, keyId: string, minute: number): void {
  sql.exec(
    `INSERT INTO usage (day, key_id, requests, rate_limited, minute, in_minute)
     VALUES (?1, ?2, 0, 1, ?4, 0), (?1, ?3, 0, 1, ?4, 0)
     ON CONFLICT (day, key_id) DO UPDATE SET rate_limited = rate_limited + 1`,
    ...[day, WHOLE_TENANT, keyId, minute],
  );
}

export function forgetUsageBefore(sql: SqlStorage, day: string): void {
  sql.exec("DELETE FROM usage WHERE day < ?", day);
}

export interface UsageRange {
  /** Days, both included. */
  from: string;
  to: string;
  /** The last entry that was seen. */
  after: { day: string; keyId: string } | null;
  limit: number;
}

/** Newest day first, the keys of a day by their ids. */
export const usageOf = (sql: SqlStorage, { from, to, after, limit }: UsageRange): Usage[] =>
  sql
    .exec<Usage & Record<string, SqlStorageValue>>(
      `SELECT day, key_id, requests, rate_limited FROM usage
       WHERE key_id <> ?1 AND day BETWEEN ?2 AND ?3
         AND (?4 IS NULL OR day < ?4 OR (day = ?4 AND key_id > ?5))
       ORDER BY day DESC, key_id LIMIT ?6`,
      ...[WHOLE_TENANT, from, to, after?.day ?? null, after?.keyId ?? null, limit],
    )
    .toArray();

/** All but what one key has used; how many rows of keys that was. The tenant's own rows go with them. */
export function forgetUsage(sql: SqlStorage, exceptKeyId: string): number {
  const count = countUsage(sql, exceptKeyId);
  sql.exec("DELETE FROM usage WHERE key_id <> ?", exceptKeyId);
  return count;
}

export function countUsage(sql: SqlStorage, exceptKeyId: string): number {
  const sqlText = "SELECT COUNT(*) AS n FROM usage WHERE key_id NOT IN (?, ?)";
  return sql.exec<{ n: number }>(sqlText, WHOLE_TENANT, exceptKeyId).one().n;
}
