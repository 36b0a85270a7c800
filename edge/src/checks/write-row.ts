import type { RequestContext } from "../platform/request-context.ts";
import { type CheckJob, rowOfJob } from "./check-job.ts";
import { saveUnfinished } from "./store/checks.ts";

export interface RowBeingWritten {
  /** Whether the row is there by now. */
  isStored: boolean;
  /** Resolves once it is. */
  written: Promise<void>;
}

/**
 * Writes down how far a check has come. Null when somebody else has ended it. Nobody else knows a check without a row,
 * and what indexes nothing needs none to begin: its first row is written while it is analysed.
 */
export async function writeRow({ bindings }: RequestContext, job: CheckJob): Promise<RowBeingWritten | null> {
  const saving = saveUnfinished(bindings.DB, rowOfJob(job), new Date().toISOString()).run();
  const isOurs = !job.isStored && job.options.index === "never";
  if (isOurs) {
    const written = saving.then(() => {});
    written.catch(() => {});
    return { isStored: false, written };
  }
  if ((await saving).meta.changes === 0) return null;
  return { isStored: true, written: Promise.resolve() };
}
