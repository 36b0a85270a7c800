import { z } from "zod";
import type { Outbound } from "./intake/outbound.ts";
import type { JobMessage } from "./jobs/messages.ts";
import type { Limits } from "./quota/limits.ts";
import type { TenantQuota } from "./quota/tenant-quota.ts";

export interface Bindings {
  DB: D1Database;
  OBJECTS: R2Bucket;
  VERDICTS: KVNamespace;
  JOBS: Queue<JobMessage>;
  QUOTAS: DurableObjectNamespace<TenantQuota>;
  WEBHOOKS: Queue<JobMessage>;
  /** A client certificate for the backend, or a way to it that is not public; the usual fetch where there is none. */
  BACKEND?: Fetcher;
}

/** The bindings and, as text, the settings below. */
export type Env = Bindings & Partial<Record<keyof typeof settingsSchema.shape, string>>;

const text = (what: string) => z.string({ error: `is not set: ${what}` }).min(1, `is empty: ${what}`);
const httpOrigin = (what: string) =>
  text(what)
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), `give ${what}`)
    .transform((value) => value.replace(/\/+$/, ""));
const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const isOrigin = (value: string) => URL.canParse(value) && new URL(value).origin === value;
const hostList = z
  .string()
  .transform((list) => list.split(",").map((entry) => entry.trim().toLowerCase()))
  .transform((list) => list.filter((entry) => entry !== ""))
  .pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, "write each entry as host:port")));
const headerList = z
  .string()
  .transform((list) => list.split(",").filter((entry) => entry.trim() !== ""))
  .pipe(z.array(z.string().regex(/^\s*[\w-]+\s*=.+$/, "write each header as name=value")))
  .transform((list) =>
    Object.fromEntries(
      list.map((entry): [string, string] => {
        const at = entry.indexOf("=");
        return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
      }),
    ),
  );
const MIB = 1024 * 1024;

const settingsSchema = z.object({
  /** Where the backend listens. */
  BACKEND_URL: httpOrigin("the backend's http(s) address, such as http://127.0.0.1:8080"),
  /** Where the backend reaches the edge, for the signed links to objects. */
  EDGE_ORIGIN: httpOrigin("the http(s) address under which the backend reaches this Worker"),
  SIGNING_SECRET: text("the secret that this Worker shares with the backend").min(
    16,
    "needs at least 16 characters; the backend must have the same",
  ),
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
  /** Buckets that s3:// addresses may name, for every tenant. */
  S3_ALLOWED_BUCKETS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .transform((list) => list.filter((entry) => entry !== ""))
    .pipe(z.array(z.string().regex(BUCKET, "write bucket names, separated by commas"))),
  KEEP_ORIGINALS: z
    .enum(["true", "false"], "write true or false")
    .default("false")
    .transform((value) => value === "true"),
  /** Checks that ended longer ago are deleted. */
  CHECK_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
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
  /** Origins whose pages may read answers. */
  CORS_ORIGINS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((entry) => entry.trim()))
    .transform((list) => list.filter((entry) => entry !== ""))
    .pipe(z.array(z.string().refine(isOrigin, "write each origin as https://host, without a path"))),
  /** As INTAKE_ALLOWED_HOSTS, which it falls back to. */
  WEBHOOK_ALLOWED_HOSTS: hostList.optional(),
  /** Seals the webhook secrets in D1; SIGNING_SECRET does when it is not set. */
  WEBHOOK_SECRET_KEY: z.string().min(16, "needs at least 16 characters").optional(),
  /** For a receiver's whole answer. */
  WEBHOOK_TIMEOUT_MS: positiveInt(20_000),
  WEBHOOK_LOG_DAYS: positiveInt(30),
  /** So long it is kept who did what to the installation, and what became of maintenance jobs. */
  AUDIT_DAYS: z.coerce.number().int().min(1).max(36_500).default(400),
  /** Requests that were let in before a purge began have ended after it: the longest intake and the longest wait. */
  PURGE_SETTLE_MS: z.coerce.number().int().min(0).max(3_600_000).default(300_000),
});

export interface BucketAccess {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface UploadSettings {
  maxBytes: number;
  partBytes: number;
  maxOpen: number;
  verifyTimeoutMs: number;
  /** Null: parts go through this Worker. */
  bucket: BucketAccess | null;
}

export interface TracingSettings {
  endpoint: string;
  headers: Record<string, string>;
  serviceName: string;
  /** 0 … 1 */
  ratio: number;
}

export interface Configuration {
  backendUrl: string;
  /** By which the backend is reached. */
  backend: Pick<Fetcher, "fetch">;
  edgeOrigin: string;
  signingSecret: string;
  bootstrapApiKeySha256: string | undefined;
  intake: { allowedHosts: string[]; maxBytes: number; timeoutMs: number; idleTimeoutMs: number };
  outbound: Outbound;
  s3AllowedBuckets: string[];
  uploads: UploadSettings;
  keepOriginals: boolean;
  checkRetentionDays: number;
  objectBucketName: string | undefined;
  backendTimeoutMs: number;
  quota: { tenant: Limits; key: Limits };
  corsOrigins: string[];
  metricsToken: string | undefined;
  /** Null: no traces. */
  tracing: TracingSettings | null;
  webhooks: { allowedHosts: string[]; secretKey: string; timeoutMs: number; logDays: number };
  auditDays: number;
  purgeSettleMs: number;
}

function bucketAccess(settings: z.infer<typeof settingsSchema>): BucketAccess | null {
  const { R2_ACCOUNT_ID, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, OBJECT_BUCKET_NAME } = settings;
  if (!R2_ACCOUNT_ID || !R2_ACCESS_KEY_ID || !R2_SECRET_ACCESS_KEY || !OBJECT_BUCKET_NAME) return null;
  return {
    endpoint: settings.R2_S3_ENDPOINT ?? `https://${R2_ACCOUNT_ID}.r2.cloudflarestorage.com`,
    bucket: OBJECT_BUCKET_NAME,
    accessKeyId: R2_ACCESS_KEY_ID,
    secretAccessKey: R2_SECRET_ACCESS_KEY,
  };
}

const usualWay: Pick<Fetcher, "fetch"> = { fetch: (input, init) => fetch(input, init) };
function tracingSettings(settings: z.infer<typeof settingsSchema>): TracingSettings | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = settings;
  if (endpoint === undefined) return null;
  const { OTEL_SERVICE_NAME: serviceName, OTEL_TRACES_SAMPLER_ARG: ratio } = settings;
  return { endpoint, headers, serviceName, ratio };
}

export function parseConfiguration(env: Record<string, unknown>): Configuration {
  const parsed = settingsSchema.safeParse(env);
  if (!parsed.success) {
    // The values stay out of the message: one of them is a secret.
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(`The Worker's configuration is not complete: ${faults.join("; ")}.`);
  }
  const settings = parsed.data;
  return {
    backendUrl: settings.BACKEND_URL,
    backend: (env.BACKEND as Fetcher | undefined) ?? usualWay,
    edgeOrigin: settings.EDGE_ORIGIN,
    signingSecret: settings.SIGNING_SECRET,
    bootstrapApiKeySha256: settings.BOOTSTRAP_API_KEY_SHA256,
    intake: {
      allowedHosts: settings.INTAKE_ALLOWED_HOSTS,
      maxBytes: settings.INTAKE_MAX_BYTES,
      timeoutMs: settings.INTAKE_TIMEOUT_MS,
      idleTimeoutMs: settings.INTAKE_IDLE_TIMEOUT_MS,
    },
    outbound: { proxyUrl: settings.OUTBOUND_PROXY_URL ?? null },
    // Our own bucket holds what other tenants have sent.
    s3AllowedBuckets: settings.S3_ALLOWED_BUCKETS.filter((name) => name !== settings.OBJECT_BUCKET_NAME),
    uploads: {
      maxBytes: settings.UPLOAD_MAX_BYTES,
      partBytes: settings.UPLOAD_PART_BYTES,
      maxOpen: settings.UPLOAD_MAX_OPEN,
      verifyTimeoutMs: settings.UPLOAD_VERIFY_TIMEOUT_MS,
      bucket: bucketAccess(settings),
    },
    keepOriginals: settings.KEEP_ORIGINALS,
    checkRetentionDays: settings.CHECK_RETENTION_DAYS,
    objectBucketName: settings.OBJECT_BUCKET_NAME,
    backendTimeoutMs: settings.BACKEND_TIMEOUT_MS,
    quota: {
      tenant: { perMinute: settings.QUOTA_TENANT_PER_MINUTE, perDay: settings.QUOTA_TENANT_PER_DAY },
      key: { perMinute: settings.QUOTA_KEY_PER_MINUTE, perDay: settings.QUOTA_KEY_PER_DAY },
    },
    corsOrigins: settings.CORS_ORIGINS,
    metricsToken: settings.METRICS_TOKEN,
    tracing: tracingSettings(settings),
    webhooks: {
      allowedHosts: settings.WEBHOOK_ALLOWED_HOSTS ?? settings.INTAKE_ALLOWED_HOSTS,
      secretKey: settings.WEBHOOK_SECRET_KEY ?? settings.SIGNING_SECRET,
      timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
      logDays: settings.WEBHOOK_LOG_DAYS,
    },
    auditDays: settings.AUDIT_DAYS,
    purgeSettleMs: settings.PURGE_SETTLE_MS,
  };
}
