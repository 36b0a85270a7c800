// Takes messages from the queue. A message's work is done side by side with that of its batch; what fails is
// tried again with growing delay, and after the last time comes back through the dead-letter queue.

import { giveUpCheck, resumeCheck } from "../checks/resume.ts";
import { Interrupted, signalAfter } from "../deadline.ts";
import { workImport } from "../imports/work.ts";
import { workMaintenance } from "../maintenance/work.ts";
import { finishForgetting } from "../references/forget.ts";
import { giveUpPromised, resumeReference } from "../references/resume.ts";
import type { Services } from "../services.ts";
import { deliverWebhook } from "../webhooks/deliver.ts";
import type { JobMessage } from "./messages.ts";

/** Of every environment: `twinframe-jobs-dead`, `twinframe-staging-jobs-dead` … */
const DEAD_LETTERS = "-jobs-dead";
export const DEAD_LETTER_QUEUE = `twinframe${DEAD_LETTERS}`;

/** Short, because a batch holds up those behind it (locally all of them); the work is taken up again right after. */
const TURN_MS = 15_000;
const MAX_DELAY_S = 300;

async function work(services: Services, message: JobMessage, signal: AbortSignal): Promise<void> {
  switch (message.type) {
    case "check":
      return resumeCheck(services, message.check_id, signal);
    case "reference":
      return resumeReference(services, message, message.job_id, signal);
    case "reference_delete":
      return finishForgetting(services, message, message.job_id);
    case "import":
      return workImport(services, message.import_id, message.turn);
    case "maintenance":
      return workMaintenance(services, message.job_id, message.turn);
    case "object_delete":
      return services.bindings.OBJECTS.delete(message.object_key);
    case "webhook":
      return deliverWebhook(services, message);
  }
}

/** Deletions, imports and maintenance that run out of retries stay noted in D1, or under intake/: the sweeper sees to them. */
async function giveUp(services: Services, message: JobMessage): Promise<void> {
  if (message.type === "check") await giveUpCheck(services, message.check_id);
  if (message.type === "reference") await giveUpPromised(services, message, message.job_id);
}

async function handle(services: Services, message: Message<JobMessage>, dead: boolean): Promise<void> {
  const turn = signalAfter(TURN_MS);
  const startedMs = Date.now();
  let outcome = "done";
  try {
    if (dead) await giveUp(services, message.body);
    else await work(services, message.body, turn.signal);
    message.ack();
  } catch (error) {
    if (error instanceof Interrupted) {
      // Not a failure, so it must not use up one of the retries.
      await services.bindings.JOBS.send(message.body, { delaySeconds: 1 });
      message.ack();
      outcome = "goes on";
    } else {
      message.retry({ delaySeconds: Math.min(MAX_DELAY_S, 2 ** message.attempts) });
      outcome = error instanceof Error ? `retry: ${error.name}: ${error.message}` : "retry";
    }
  } finally {
    turn.clear();
    const op = `queue ${message.body.type}${dead ? " (dead)" : ""}`;
    console.log(JSON.stringify({ op, outcome, attempts: message.attempts, ms: Date.now() - startedMs }));
  }
}

export async function consume(services: Services, batch: MessageBatch<JobMessage>): Promise<void> {
  const dead = batch.queue.endsWith(DEAD_LETTERS);
  await Promise.all(
    batch.messages.map((message) => handle(services, message, dead).catch(() => message.retry())),
  );
}
