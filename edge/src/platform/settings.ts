// Every setting of the Worker, with its limits and what it is when it is not set (docs/operation.md).

import { z } from "zod";
import {
  ALLOWED_BUCKET,
  flag,
  headerList,
  hostList,
  httpOrigin,
  isOrigin,
  isPlainElsewhere,
  positiveInt,
  previousSecret,
  secret,
} from "./setting-types.ts";

const MIB = 1024 * 1024;

export const settingsSchema = z.object({
  /** Where the backend listens. */
  BACKEND_URL: httpOrigin("the backend's http(s) address, such as http://127.0.0.1:8080"),
  /** Without it, http:// is taken for a backend on this very machine alone. */
  ALLOW_INSECURE_BACKEND: flag,
  /** Where the backend reaches the edge, for the signed links to objects. */
  EDGE_ORIGIN: httpOrigin("the http(s) address under which the backend reaches this Worker"),
  SIGNING_SECRET: secret("the secret that this Worker shares with the backend"),
  /** Of links and kept answers that were made with it, while the secret is being replaced. */
  SIGNING_SECRET_PREVIOUS: previousSecret,
  /** SHA-256, in hex, of a key that may do everything for the tenant `default`. */
  BOOTSTRAP_API_KEY_SHA256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "give the 64 lower-case hex digits of the key's SHA-256")
    .optional(),
  INTAKE_ALLOWED_HOSTS: hostList.default([]),
  /** Set by `npm start` alone: the proxy that judges what names resolve to, where the runtime does not. */
  OUTBOUND_PROXY_URL: z
    .url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/, error: "give an http:// address on 127.0.0.1" })
    .optional(),
  INTAKE_MAX_BYTES: positiveInt(2 * 1024 ** 3),
  /** For a whole video. */
  INTAKE_TIMEOUT_MS: positiveInt(120_000),
  /** Without a single byte. */
  INTAKE_IDLE_TIMEOUT_MS: positiveInt(15_000),
  /** Buckets that s3:// addresses may name, and whose. */
  S3_ALLOWED_BUCKETS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .transform((list) => list.filter((entry) => entry !== ""))
    .pipe(z.array(z.string().regex(ALLOWED_BUCKET, "write tenant:bucket or *:bucket, separated by commas"))),
  KEEP_ORIGINALS: flag,
  /** Checks that ended longer ago are deleted. */
  CHECK_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
  /** An accepted check that still fails in a way that may pass fails for good at this age. */
  CHECK_GIVE_UP_HOURS: z.coerce.number().int().min(1).max(8760).default(24),
  /** When set, the backend reads objects from this bucket itself; else through a signed link. */
  OBJECT_BUCKET_NAME: z.string().min(1).optional(),
  UPLOAD_MAX_BYTES: positiveInt(5 * 1024 ** 3),
  /** R2 takes parts of at least 5 MiB; a request to a Worker may have 100 MB. */
  UPLOAD_PART_BYTES: z.coerce
    .number()
    .int()
    .min(5 * MIB)
    .max(95 * MIB)
    .default(32 * MIB),
  /** Of one tenant, until they expire or are deleted. */
  UPLOAD_MAX_OPEN: positiveInt(100),
  /** For hashing a whole upload. */
  UPLOAD_VERIFY_TIMEOUT_MS: positiveInt(300_000),
  /** With these three and the bucket's name, uploads go straight to R2. */
  R2_ACCOUNT_ID: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "give the account id, 32 hex digits")
    .optional(),
  R2_ACCESS_KEY_ID: z.string().min(1).optional(),
  R2_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** Where R2's S3 interface is, when not at its usual address. */
  R2_S3_ENDPOINT: httpOrigin("the http(s) address of R2's S3 interface").optional(),
  /** Who sends this may read /metrics; without it there is none. */
  METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/, "give at least 16 characters, none of them a space")
    .optional(),
  /** The collector that traces go to, by OTLP over HTTP; nowhere when not set. */
  OTEL_EXPORTER_OTLP_ENDPOINT: httpOrigin("the http(s) address of the collector").optional(),
  /** Sent along: `name=value,…`. */
  OTEL_EXPORTER_OTLP_HEADERS: headerList.default({}),
  OTEL_SERVICE_NAME: z.string().min(1).default("twinframe-edge"),
  /** Of the traces that begin here, how many are kept. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** Until the backend's first response. */
  BACKEND_TIMEOUT_MS: positiveInt(10_000),
  /** Requests of a tenant, and of each of its keys that has no limits of its own. */
  QUOTA_TENANT_PER_MINUTE: positiveInt(12_000),
  QUOTA_TENANT_PER_DAY: positiveInt(2_000_000),
  QUOTA_KEY_PER_MINUTE: positiveInt(12_000),
  QUOTA_KEY_PER_DAY: positiveInt(2_000_000),
  /** Of a tenant, at a time: requests that change or ask something (all but GET and HEAD). */
  TENANT_MAX_AT_ONCE: positiveInt(64),
  /** Checks that have not ended. */
  TENANT_MAX_OPEN_CHECKS: positiveInt(1000),
  /** References that are promised and not yet indexed. */
  TENANT_MAX_OPEN_REFERENCES: positiveInt(10_000),
  TENANT_MAX_OPEN_IMPORTS: positiveInt(10),
  /** Of the files of these imports. */
  TENANT_MAX_IMPORT_BYTES: positiveInt(32 * MIB),
  /** Jobs out of the queue. */
  TENANT_MAX_QUEUED_AT_ONCE: positiveInt(8),
  TENANT_MAX_EVENT_STREAMS: positiveInt(200),
  CHECK_MAX_EVENT_STREAMS: positiveInt(100),
  /** Wrong keys a minute from one network, before its unknown keys are no longer looked up. */
  AUTH_FAILURES_PER_MINUTE: positiveInt(60),
  /** Origins whose pages may read answers. */
  CORS_ORIGINS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .transform((list) => list.filter((entry) => entry !== ""))
    .pipe(z.array(z.string().refine(isOrigin, "write each origin as https://host, without a path"))),
  /** Of its own: what videos are fetched from is no place to send verdicts to. */
  WEBHOOK_ALLOWED_HOSTS: hostList.default([]),
  /** Seals the webhook secrets in D1. */
  WEBHOOK_SECRET_KEY: secret("a secret of this Worker alone, for the webhooks' secrets in the database"),
  /** Opens what it sealed, until the sweep has sealed all anew. */
  WEBHOOK_SECRET_KEY_PREVIOUS: previousSecret,
  /** For a receiver's whole answer. */
  WEBHOOK_TIMEOUT_MS: positiveInt(20_000),
  WEBHOOK_LOG_DAYS: positiveInt(30),
  /** So long it is kept who did what to the installation, and what became of maintenance jobs. */
  AUDIT_DAYS: z.coerce.number().int().min(1).max(36_500).default(400),
  /** Requests that were let in before a purge began have ended after it: the longest intake and the longest wait. */
  PURGE_SETTLE_MS: z.coerce.number().int().min(0).max(3_600_000).default(300_000),
});

export type Settings = z.infer<typeof settingsSchema>;

/** What no setting says by itself. */
export const checkedSettings = settingsSchema.superRefine((settings, context) => {
  const fault = (name: keyof Settings, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (isPlainElsewhere(settings.BACKEND_URL) && !settings.ALLOW_INSECURE_BACKEND)
    fault(
      "BACKEND_URL",
      "is plain http to another machine, where all between can read videos' links and verdicts: give an " +
        "https:// address, or set ALLOW_INSECURE_BACKEND to true where the way there is private",
    );
  if (settings.WEBHOOK_SECRET_KEY === settings.SIGNING_SECRET)
    fault("WEBHOOK_SECRET_KEY", "is the same as SIGNING_SECRET: give it a value of its own");
});
