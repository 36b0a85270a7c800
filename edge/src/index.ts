import { app } from "./app.ts";
import type { Env } from "./platform/env.ts";
import type { JobMessage } from "./platform/queue/messages.ts";
import { requestContextOf } from "./platform/request-context.ts";
import { consume } from "./worker/consume.ts";
import { sweep } from "./worker/sweep.ts";

export { AddressThrottle } from "./auth/address-throttle.ts";
export { TenantQuota } from "./auth/tenant-quota.ts";
export { CheckEvents } from "./checks/check-events.ts";

export default {
  fetch: app.fetch,
  queue: (batch, env, context) => consume(requestContextOf(env, context), batch),
  scheduled: (event, env, context) => sweep(requestContextOf(env, context), event.scheduledTime),
} satisfies ExportedHandler<Env, JobMessage>;
