// What a tenant has at work now, in its quota object: a row each, which whoever is done takes away. What a crash
// leaves behind ends by itself.

export type PlaceKind = "request" | "event_stream" | "queued_job";

/** One of `most` places of its kind. */
export interface Place {
  kind: PlaceKind;
  /** No two at work have the same; asked for again, it is the same place for longer. */
  id: string;
  most: number;
  /** Since 1970; when it ends at the latest. */
  untilMs: number;
}

export function createPlaces(sql: SqlStorage): void {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS places (
       kind TEXT NOT NULL,
       id TEXT NOT NULL,
       until_ms INTEGER NOT NULL,
       PRIMARY KEY (kind, id)
     ) WITHOUT ROWID`,
  );
}

/** False when all of them are taken. */
export function takePlace(sql: SqlStorage, { kind, id, most, untilMs }: Place, nowMs: number): boolean {
  const taken = sql
    .exec<{ id: string; until_ms: number }>("SELECT id, until_ms FROM places WHERE kind = ?", kind)
    .toArray();
  const over = taken.filter(({ until_ms }) => until_ms <= nowMs);
  for (const row of over) leavePlace(sql, kind, row.id);
  const isMine = taken.some((row) => row.id === id);
  if (!isMine && taken.length - over.length >= most) return false;
  sql.exec("INSERT OR REPLACE INTO places (kind, id, until_ms) VALUES (?, ?, ?)", kind, id, untilMs);
  return true;
}

export function leavePlace(sql: SqlStorage, kind: PlaceKind, id: string): void {
  sql.exec("DELETE FROM places WHERE kind = ? AND id = ?", kind, id);
}

export function countPlaces(sql: SqlStorage, kind: PlaceKind, nowMs: number): number {
  const text = "SELECT COUNT(*) AS n FROM places WHERE kind = ? AND until_ms > ?";
  return sql.exec<{ n: number }>(text, kind, nowMs).one().n;
}
