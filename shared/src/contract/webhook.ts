import { z } from "zod";
import type { checkSchema } from "./check.ts";
import { urlSchema } from "./primitives.ts";
import type { referenceSchema } from "./reference.ts";

/** What an endpoint may ask for. */
export const WEBHOOK_EVENTS = [
  "check.completed",
  "check.failed",
  "reference.indexed",
  "reference.failed",
] as const;
export const webhookEventSchema = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;
/** `webhook.test` is sent only when somebody asks for it. */
export type SentWebhookEvent = WebhookEvent | "webhook.test";

/** Of each type of event: the `data` of its payload. */
export interface WebhookData {
  /** As `GET` answers it, without the explanation; the weakest matches may be left out. */
  "check.completed": z.infer<typeof checkSchema> & { matches_left_out?: number };
  "check.failed": z.infer<typeof checkSchema>;
  "reference.indexed": z.infer<typeof referenceSchema>;
  "reference.failed": { id: string; library: string; problem: object };
  "webhook.test": { endpoint_id: string };
}

const descriptionSchema = z
  .string()
  .max(200, "a description may have at most 200 characters")
  // Neither control characters nor halves of surrogate pairs; spelled out for those who read it in OpenAPI.
  .regex(/^[ -~\u00a0-\ud7ff\ue000-\uffff𐀀-􏿽]*$/u, "leave control characters out");
const eventsSchema = z
  .array(webhookEventSchema)
  .min(1, "name at least one event, or leave events out for all")
  .max(WEBHOOK_EVENTS.length)
  .nullable();

/** `POST /v1/webhook-endpoints`. `events`: null or left out for all, also for those to come. */
export const createWebhookEndpointSchema = z.strictObject({
  url: urlSchema,
  events: eventsSchema.default(null),
  description: descriptionSchema.default(""),
});
export type CreateWebhookEndpoint = z.infer<typeof createWebhookEndpointSchema>;

export const patchWebhookEndpointSchema = z.strictObject({
  url: urlSchema.optional(),
  events: eventsSchema.optional(),
  description: descriptionSchema.optional(),
  disabled: z.boolean().optional(),
});
export type PatchWebhookEndpoint = z.infer<typeof patchWebhookEndpointSchema>;

export const webhookEndpointSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(webhookEventSchema).nullable(),
  description: z.string(),
  disabled: z.boolean(),
  /** `gone`: it answered 410; `failing`: nothing has arrived for days. Null unless disabled. */
  disabled_reason: z.enum(["requested", "gone", "failing"]).nullable(),
  failing_since: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

export const webhookSecretSchema = z.object({
  /** `whsec_` and base64, as the libraries of Standard Webhooks take it. */
  secret: z.string(),
  /** Until when the secret before signs too; null when there is none. */
  previous_secret_until: z.iso.datetime().nullable(),
});
export type WebhookSecret = z.infer<typeof webhookSecretSchema>;

/** The answer to making an endpoint, and to giving it another secret: the only ones that show it. */
export const webhookEndpointWithSecretSchema = webhookEndpointSchema.extend(webhookSecretSchema.shape);

export const ATTEMPT_ERRORS = [
  "timeout",
  "connection_failed",
  "redirect",
  "gone",
  "bad_status",
  "address_refused",
  "secret_unreadable",
] as const;
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

export const webhookAttemptSchema = z.object({
  number: z.int(),
  at: z.iso.datetime(),
  /** Of the answer; null when there was none. */
  status: z.int().nullable(),
  ms: z.int(),
  error: z.enum(ATTEMPT_ERRORS).nullable(),
  /** The beginning of the answer's body. */
  response: z.string().nullable(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

export const deliveryStatusSchema = z.enum(["pending", "delivered", "failed"]);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

export const GIVEN_UP_FOR = ["endpoint_disabled", "endpoint_deleted", "address_forgotten"] as const;

export const webhookDeliverySchema = z.object({
  id: z.string(),
  /** What receivers see as `webhook-id`. */
  event_id: z.string(),
  type: z.enum([...WEBHOOK_EVENTS, "webhook.test"]),
  /** The check, reference or endpoint that the event is about. */
  subject: z.string(),
  /** Null for the `webhook_url` of a single check or reference. */
  endpoint_id: z.string().nullable(),
  status: deliveryStatusSchema,
  /** Why it ended before its attempts were used up; the attempts have errors of their own. */
  error: z.enum(GIVEN_UP_FOR).nullable(),
  /** Null unless pending. */
  next_attempt_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  /** The latest ones, oldest first. */
  attempts: z.array(webhookAttemptSchema),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

const since = z.iso.datetime({ offset: true, error: "give a time such as 2026-01-31T00:00:00Z" });

/** `POST /v1/webhook-endpoints/{id}/replay`. */
export const replaySinceSchema = z.strictObject({ since });

export const replayedSchema = z.object({
  replayed: z.int(),
  /** Failed deliveries that one call was too small for: call again. */
  remaining: z.int(),
});

/** The filters of the lists of deliveries. */
export const deliveryFilterSchema = z.strictObject({
  status: deliveryStatusSchema.optional(),
  /** Events from then on. */
  since: since.optional(),
});
