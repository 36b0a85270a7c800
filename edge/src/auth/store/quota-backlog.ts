// A tenant's messages that came while as many of its jobs were at work as may be, in its quota object, in the order in
// which they came. What they stand for is in D1: one that is lost here is sent anew by the sweeper.

import type { JobMessage } from "../../platform/queue/messages.ts";

export function createBacklog(sql: SqlStorage): void {
  sql.exec(
    `CREATE TABLE IF NOT EXISTS backlog (
       number INTEGER PRIMARY KEY AUTOINCREMENT,
       id TEXT NOT NULL UNIQUE,
       message TEXT NOT NULL
     )`,
  );
}

/** One that waits already keeps its place, and is told anew. */
export function keepForLater(sql: SqlStorage, id: string, message: JobMessage): void {
  sql.exec(
    "INSERT INTO backlog (id, message) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET message = excluded.message",
    ...[id, JSON.stringify(message)],
  );
}

export function forgetKept(sql: SqlStorage, id: string): void {
  sql.exec("DELETE FROM backlog WHERE id = ?", id);
}

/** Takes out what came first. */
export function takeKept(sql: SqlStorage, most: number): JobMessage[] {
  if (most <= 0) return [];
  const rows = sql
    .exec<{ number: number; message: string }>(
      "SELECT number, message FROM backlog ORDER BY number LIMIT ?",
      most,
    )
    .toArray();
  for (const { number } of rows) sql.exec("DELETE FROM backlog WHERE number = ?", number);
  return rows.map(({ message }) => JSON.parse(message) as JobMessage);
}

export function forgetBacklog(sql: SqlStorage): void {
  sql.exec("DELETE FROM backlog");
}
