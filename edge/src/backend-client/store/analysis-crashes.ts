// Work that has broken off together with its backend: a row only while that has happened to it.

export interface CrashRow {
  crashes: number;
  /** Where it was the last time. */
  stage: string;
  /** As JSON: the analysis that broke off while nobody could say whether it goes on. */
  pending: string | null;
}

/** `work`: the SHA-256 of a video, or a question's id. */
export interface CrashKey {
  tenant: string;
  work: string;
}

const its = "tenant = ?1 AND work = ?2";

export const crashesOf = (db: D1Database, { tenant, work }: CrashKey) =>
  db.prepare(`SELECT crashes, stage, pending FROM analysis_crashes WHERE ${its}`).bind(tenant, work);

/** Changes the row, and gives what it is then. */
async function changed(db: D1Database, key: CrashKey, change: D1PreparedStatement): Promise<CrashRow | null> {
  const [, row] = await db.batch<CrashRow>([change, crashesOf(db, key)]);
  return row?.results[0] ?? null;
}

/** One more than `seen`. Of all who saw a backend end at the same moment, one counts. */
export const noteCrash = (db: D1Database, key: CrashKey, seen: number, stage: string, nowIso: string) =>
  changed(
    db,
    key,
    db
      .prepare(
        `INSERT INTO analysis_crashes (tenant, work, crashes, stage, updated_at) VALUES (?1, ?2, 1, ?4, ?5)
         ON CONFLICT DO UPDATE SET crashes = crashes + 1, stage = ?4, pending = NULL, updated_at = ?5
         WHERE crashes = ?3`,
      )
      .bind(key.tenant, key.work, seen, stage, nowIso),
  );

/** What may have been one more than `seen`. */
export const notePending = (
  db: D1Database,
  key: CrashKey,
  seen: number,
  stage: string,
  pending: string,
  nowIso: string,
) =>
  changed(
    db,
    key,
    db
      .prepare(
        `INSERT INTO analysis_crashes (tenant, work, crashes, stage, pending, updated_at)
         VALUES (?1, ?2, 0, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET stage = ?4, pending = ?5, updated_at = ?6
         WHERE crashes = ?3 AND pending IS NULL`,
      )
      .bind(key.tenant, key.work, seen, stage, pending, nowIso),
  );

/** What became of a pending one. */
export const settlePending = (
  db: D1Database,
  key: CrashKey,
  pending: string,
  hasCrashed: boolean,
  nowIso: string,
) =>
  changed(
    db,
    key,
    db
      .prepare(
        `UPDATE analysis_crashes SET crashes = crashes + ?4, pending = NULL, updated_at = ?5
         WHERE ${its} AND pending = ?3`,
      )
      .bind(key.tenant, key.work, pending, hasCrashed ? 1 : 0, nowIso),
  );

export async function forgetCrashes(db: D1Database, { tenant, work }: CrashKey): Promise<void> {
  await db.prepare(`DELETE FROM analysis_crashes WHERE ${its}`).bind(tenant, work).run();
}

export async function forgetCrashesBefore(db: D1Database, beforeIso: string): Promise<void> {
  await db.prepare("DELETE FROM analysis_crashes WHERE updated_at < ?").bind(beforeIso).run();
}
