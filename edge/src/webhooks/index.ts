// What other resources and the worker use of webhooks.

export { checkAddress, noteAddress } from "./addresses.ts";
export { deliverWebhook } from "./deliver.ts";
export {
  forgetTold,
  tellAddressesOfReady,
  tellCheckCompleted,
  tellCheckFailed,
  tellReferenceFailed,
  tellReferenceIndexed,
} from "./outbox.ts";
export { startDeliveries } from "./queue.ts";
export { resealWebhooks } from "./reseal.ts";
export { sweepWebhooks } from "./sweep.ts";
