import { ProblemError } from "@twinframe/shared/problem";
import { openPurgeOf } from "./store/tenant-purges.ts";

/** Nothing is made for a tenant while all of it is being deleted. Problem: `job_in_the_way`. */
export async function refuseWhilePurged(db: D1Database, tenant: string): Promise<void> {
  const purge = await openPurgeOf(db, tenant);
  if (purge === null) return;
  throw new ProblemError(
    "job_in_the_way",
    `Everything of the tenant "${tenant}" is being deleted (${purge.id}). Send this again when that has ended.`,
    { retryAfterS: 10 },
  );
}
