// Tenants share the queue: of each, only so many jobs are at work at a time. A message beyond them waits in the
// tenant's quota object, behind which nobody else has to wait, and is sent again when one of them has ended.

import { quotaOf } from "../auth/places.ts";
import type { Place } from "../auth/store/quota-places.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { logFailure } from "../platform/telemetry/log.ts";

/** A job's place when it is not heard of again: longer than a message's turn, and its way back into the queue. */
const PLACE_MS = 2 * 60_000;

/** Null for what is quick, or not a tenant's. */
function jobOf(message: JobMessage): { tenant: string; id: string } | null {
  switch (message.type) {
    case "check":
      return message.tenant === undefined ? null : { tenant: message.tenant, id: message.check_id };
    case "reference":
      return { tenant: message.tenant, id: message.job_id };
    case "import":
      return message.tenant === undefined ? null : { tenant: message.tenant, id: message.import_id };
    default:
      return null;
  }
}

/** Whether the message is to be worked on now; else it waits elsewhere and is done with. */
export async function passesGate(
  { bindings, config }: RequestContext,
  message: JobMessage,
): Promise<boolean> {
  const job = jobOf(message);
  if (job === null) return true;
  const { tenant, id } = job;
  const most = config.tenantLimits.queuedAtOnce;
  const place: Place = { kind: "queued_job", id, most, untilMs: Date.now() + PLACE_MS };
  try {
    return await quotaOf(bindings, tenant).beginJob(place, message);
  } catch (error) {
    logFailure("a job's turn could not be asked for; it goes on", { tenant }, error);
    return true;
  }
}

/** The job has ended, or waits for long: sends those whose turn it is now. */
export async function leaveGate({ bindings, config }: RequestContext, message: JobMessage): Promise<void> {
  const job = jobOf(message);
  if (job === null) return;
  const { tenant, id } = job;
  try {
    const most = config.tenantLimits.queuedAtOnce;
    const next = await quotaOf(bindings, tenant).endJob({ id, most });
    for (const body of next) await bindings.JOBS.send(body);
  } catch (error) {
    // What is not sent now, the sweeper sends.
    logFailure("a job's place was not given on", { tenant }, error);
  }
}
