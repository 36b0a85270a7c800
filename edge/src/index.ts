import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { consume } from "./jobs/consume.ts";
import type { JobMessage } from "./jobs/messages.ts";
import { sweep } from "./jobs/sweep.ts";
import { servicesOf } from "./services.ts";

export { CheckEvents } from "./checks/check-events.ts";
export { AddressThrottle } from "./keys/address-throttle.ts";
export { TenantQuota } from "./quota/tenant-quota.ts";

export default {
  fetch: app.fetch,
  queue: (batch, env, context) => consume(servicesOf(env, context), batch),
  scheduled: (event, env, context) => sweep(servicesOf(env, context), event.scheduledTime),
} satisfies ExportedHandler<Env, JobMessage>;
