// What operators and admins do is written down: by whom, on what, and how it went.

import { type AuditEntry, auditEntrySchema } from "@twinframe/shared/contract";
import { toProblem } from "@twinframe/shared/problem";
import type { Caller } from "../platform/http/caller.ts";
import { type AuditRow, addAudit } from "./store/audit.ts";

export interface Action {
  by: Pick<Caller, "keyId" | "tenant">;
  /** Such as `generation.switch`. */
  action: string;
  subject: object;
}

const add = (db: D1Database, { by, action, subject }: Action, outcome: string) =>
  addAudit(
    db,
    { keyId: by.keyId, keyTenant: by.tenant, action, subject, outcome },
    new Date().toISOString(),
  ).run();

/** Work whose end may be lost on the way: begun is written first, then how it went. */
export async function audited<T>(db: D1Database, action: Action, work: () => Promise<T>): Promise<T> {
  await add(db, action, "begun");
  try {
    const done = await work();
    await add(db, action, "done");
    return done;
  } catch (error) {
    const subject = { ...action.subject, code: toProblem(error).code };
    await add(db, { ...action, subject }, "failed");
    throw error;
  }
}

/** Of what has just been done in one step. */
export async function auditDone(db: D1Database, action: Action): Promise<void> {
  await add(db, action, "done");
}

export const auditView = (row: AuditRow): AuditEntry =>
  auditEntrySchema.parse({ ...row, subject: JSON.parse(row.subject) });
