// Takes messages from the queue. A message's work is done side by side with that of its batch. Checks and references
// that fail in a way that may pass are due again by their rows; what else fails is tried again by the queue, and
// after the last time comes back through the dead-letter queue.

import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { makeCheckDue, resumeCheck } from "../checks/index.ts";
import { workImport } from "../imports/index.ts";
import { workMaintenance } from "../maintenance/index.ts";
import { Interrupted, signalAfter, type Turn } from "../platform/deadline.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";
import { addFacts } from "../platform/telemetry/operation.ts";
import { runOperation } from "../platform/telemetry/run-operation.ts";
import { finishForgetting, makeClaimDue, resumeReference } from "../references/index.ts";
import { deliverWebhook } from "../webhooks/index.ts";
import { leaveGate, passesGate } from "./tenant-gate.ts";

/** Of every environment: `twinframe-jobs-dead`, `twinframe-staging-jobs-dead` … */
const DEAD_LETTERS = "-jobs-dead";
export const DEAD_LETTER_QUEUE = `twinframe${DEAD_LETTERS}`;

/** Short, because a batch holds up those behind it (locally all of them); the work is taken up again right after. */
const TURN_MS = 15_000;
/** For work that was lost while nobody listened: it is listened to throughout now, to hear how it breaks off. */
const LONG_TURN_MS = 10 * 60_000;
const MAX_DELAY_S = 300;

async function work(context: RequestContext, message: JobMessage, turn: Turn): Promise<void> {
  const { signal } = turn;
  const onStarted = message.goes_on ? () => turn.extend(LONG_TURN_MS) : undefined;
  switch (message.type) {
    case "check":
      return resumeCheck(context, message.check_id, { signal, onStarted });
    case "reference":
      return resumeReference(context, message, message.job_id, { signal, onStarted });
    case "reference_delete":
      return finishForgetting(context, message, message.job_id);
    case "import":
      return workImport(context, message.import_id, message.turn, message.idle);
    case "maintenance":
      return workMaintenance(context, message.job_id, message.turn);
    case "object_delete":
      return context.bindings.OBJECTS.delete(message.object_key);
    case "webhook":
      return deliverWebhook(context, message);
  }
}

/** All work is noted in D1, or under intake/: the sweeper sees to it, here without waiting for it to look abandoned. */
async function giveUp({ bindings }: RequestContext, message: JobMessage): Promise<void> {
  const nowIso = new Date().toISOString();
  if (message.type === "check") await makeCheckDue(bindings.DB, message.check_id, nowIso);
  if (message.type === "reference") await makeClaimDue(bindings.DB, message, message.job_id, nowIso);
}

type Outcome = "done" | "goes on" | "retry" | "waits for its tenant's turn";

/** The event of a message, in the trace of what sent it. */
async function handle(context: RequestContext, message: Message<JobMessage>, dead: boolean): Promise<void> {
  const { type, traceparent } = message.body;
  const { config, defer } = context;
  const name = `queue ${type}${dead ? " (dead)" : ""}`;
  const start = { name, kind: "consumer" as const, traceparent, tracing: config.tracing, defer };
  await runOperation(
    start,
    () => take(context, message, dead),
    (outcome, ms) => ({
      failed: outcome === "retry",
      event: { outcome, attempts: message.attempts, ...subjectOf(message.body), ms },
    }),
  );
}

const subjectOf = (body: JobMessage) =>
  body.type === "check" ? { check_id: body.check_id } : "job_id" in body ? { job_id: body.job_id } : {};

async function take(context: RequestContext, message: Message<JobMessage>, dead: boolean): Promise<Outcome> {
  if (dead) return attempt(context, message, dead);
  if (!(await passesGate(context, message.body))) {
    message.ack();
    return "waits for its tenant's turn";
  }
  const outcome = await attempt(context, message, dead);
  // What goes on keeps its place: its message is on its way.
  if (outcome !== "goes on") await leaveGate(context, message.body);
  return outcome;
}

async function attempt(
  context: RequestContext,
  message: Message<JobMessage>,
  dead: boolean,
): Promise<Outcome> {
  const turn = signalAfter(TURN_MS);
  try {
    if (dead) await giveUp(context, message.body);
    else await work(context, message.body, turn);
    message.ack();
    return "done";
  } catch (error) {
    if (error instanceof Interrupted) {
      // Not a failure, so it must not use up one of the retries.
      await context.bindings.JOBS.send({ ...message.body, goes_on: true }, { delaySeconds: 1 });
      message.ack();
      return "goes on";
    }
    message.retry({ delaySeconds: Math.min(MAX_DELAY_S, 2 ** message.attempts) });
    addFacts({ code: toProblem(error).code });
    if (!(error instanceof ProblemError)) logFailure("a message failed", {}, error);
    return "retry";
  } finally {
    turn.clear();
  }
}

export async function consume(context: RequestContext, batch: MessageBatch<JobMessage>): Promise<void> {
  const dead = batch.queue.endsWith(DEAD_LETTERS);
  await Promise.all(
    batch.messages.map((message) => handle(context, message, dead).catch(() => message.retry())),
  );
}
