// Works an import turn by turn. A turn is one message of the queue; it ends after some seconds and sends the
// next one, so that an import of ten thousand lines neither holds up others nor outlives an invocation.

import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { dueAfter } from "../platform/queue/due.ts";
import { isRetryable } from "../platform/queue/retryable.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { currentTraceparent } from "../platform/telemetry/operation.ts";
import { runOperation } from "../platform/telemetry/run-operation.ts";
import { addReference } from "../references/index.ts";
import { lineQuota } from "./line-quota.ts";
import {
  failLine,
  type ImportLineRow,
  postponeLine,
  settleIndexed,
  settleLine,
  takeLine,
} from "./store/import-lines.ts";
import { completeImport, type ImportRow, takeTurn } from "./store/imports.ts";

/** Lines at once; of each, one connection to a source or to the backend is open. */
const PARALLEL = 3;
/** An invocation may ask the database a thousand times. */
const MAX_LINES = 60;
const TURN_MS = 12_000;
/** Doubled with each turn that has nothing to do. */
const IDLE_DELAY_S = 2;
const MAX_IDLE_DELAY_S = 60;
/** Of the next turn of an import whose lines wait for their quota; below what the sweeper takes for silence. */
const MAX_WAIT_S = 300;

const now = () => new Date().toISOString();

export async function workImport(context: RequestContext, id: string, turn: number, idle = 0): Promise<void> {
  const db = context.bindings.DB;
  const taken = await takeTurn(db, id, turn, now());
  if (taken === null) return;
  let delaySeconds = Math.min(MAX_IDLE_DELAY_S, IDLE_DELAY_S * 2 ** idle);
  try {
    const { worked, waitS } = await workLines(context, taken);
    if (worked > 0) delaySeconds = 0;
    if (waitS > 0) delaySeconds = Math.min(MAX_WAIT_S, waitS);
    const problem = toProblem(
      new ProblemError("reference_not_found", "It was deleted before it was indexed."),
    );
    await settleIndexed(db, taken, problem, now());
    if (await completeImport(db, id, now())) return;
  } catch (error) {
    // This turn is taken: only the next one can go on.
    logFailure("a turn of an import failed", { import_id: id }, error);
  }
  const next = { type: "import" as const, import_id: id, tenant: taken.tenant, turn: turn + 1 };
  await context.bindings.JOBS.send(delaySeconds > 0 ? { ...next, idle: idle + 1 } : next, { delaySeconds });
}

/** How many were worked, and how long the others have to wait. */
async function workLines(
  context: RequestContext,
  taken: ImportRow,
): Promise<{ worked: number; waitS: number }> {
  const db = context.bindings.DB;
  const endMs = Date.now() + TURN_MS;
  const quota = await lineQuota(context, taken);
  let worked = 0;
  let waitS = 0;
  const lane = async () => {
    while (worked < MAX_LINES && Date.now() < endMs && waitS === 0) {
      const line = await takeLine(db, taken.id, now());
      if (line === null) return;
      // One that is tried again was counted.
      const refusal = line.attempts > 1 ? null : await quota.take();
      if (refusal !== null) {
        waitS = await putBack(db, line, refusal);
        return;
      }
      worked++;
      waitS = Math.max(waitS, await workLine(context, taken, line, endMs));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return { worked, waitS };
}

/** Not an attempt; the line is due when its wait is over, in the seconds that this gives. */
async function putBack(db: D1Database, line: ImportLineRow, refusal: ProblemError): Promise<number> {
  const waitS = refusal.options.retryAfterS ?? IDLE_DELAY_S;
  const due = new Date(Date.now() + waitS * 1000).toISOString();
  await postponeLine(db, line, toProblem(refusal), due, now(), { counts: false });
  return waitS;
}

/** A line is an operation within that of its turn, with an event of its own. The seconds that others are to wait. */
async function workLine(
  context: RequestContext,
  taken: ImportRow,
  line: ImportLineRow,
  endMs: number,
): Promise<number> {
  const traceparent = currentTraceparent();
  const { config, defer } = context;
  const { waitS = 0 } = await runOperation(
    { name: "import line", kind: "internal", traceparent, tracing: config.tracing, defer },
    () => work(context, taken, line, endMs),
    ({ outcome, code }, ms) => ({
      failed: false,
      event: { import_id: line.import_id, line: line.line, outcome, ...(code ? { code } : {}), ms },
    }),
  );
  return waitS;
}

async function work(
  context: RequestContext,
  { tenant, library }: ImportRow,
  line: ImportLineRow,
  endMs: number,
): Promise<{ outcome: string; code?: string; waitS?: number }> {
  const db = context.bindings.DB;
  const id = line.reference_id === null ? {} : { id: line.reference_id };
  const options = { library, metadata: JSON.parse(line.metadata), ...id };
  const origin = { kind: "url" as const, url: line.source_url ?? "" };
  const waitMs = Math.max(0, endMs - Date.now());
  try {
    const { row } = await addReference(context, { tenant, options, origin, waitMs });
    const outcome = row.status === "ready" ? "done" : "indexing";
    await settleLine(db, line, outcome, row.id, now());
    return { outcome };
  } catch (error) {
    if (!(error instanceof ProblemError)) logFailure("line failed", { import_id: line.import_id }, error);
    const problem = toProblem(error);
    const { code } = problem;
    // The tenant's own other work is in the way, which is no fault of the line.
    if (error instanceof ProblemError && code === "too_much_at_once")
      return { outcome: "postponed", code, waitS: await putBack(db, line, error) };
    if (!isRetryable(code)) {
      await failLine(db, line, problem, now());
      return { outcome: "failed", code };
    }
    await postponeLine(db, line, problem, dueAfter(line.attempts - 1, code).dueIso, now());
    return { outcome: "postponed", code };
  }
}
