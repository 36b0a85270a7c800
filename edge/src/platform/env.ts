import { SIGNING_SECRET_MIN_LENGTH } from "@twinframe/shared/signing";
import { z } from "zod";
import type { AddressThrottle } from "../auth/address-throttle.ts";
import type { Limits } from "../auth/limits.ts";
import type { TenantQuota } from "../auth/tenant-quota.ts";
import type { CheckEvents } from "../checks/check-events.ts";
import type { Outbound } from "../ingest/outbound.ts";
import type { JobMessage } from "./queue/messages.ts";

export interface Bindings {
  DB: D1Database;
  OBJECTS: R2Bucket;
  VERDICTS: KVNamespace;
  JOBS: Queue<JobMessage>;
  QUOTAS: DurableObjectNamespace<TenantQuota>;
  CHECK_EVENTS: DurableObjectNamespace<CheckEvents>;
  ADDRESSES: DurableObjectNamespace<AddressThrottle>;
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
/** Names and addresses of this very machine, as the URL parser writes them. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const isPlainElsewhere = (address: string) => {
  const url = URL.parse(address);
  return url?.protocol === "http:" && !LOOPBACK.test(url.hostname);
};
const secret = (what: string) =>
  text(what).min(SIGNING_SECRET_MIN_LENGTH, `needs at least ${SIGNING_SECRET_MIN_LENGTH} characters`);
/** Empty is the same as not set: so it can be taken out of use without being deleted. */
const previousSecret = z
  .literal("")
  .transform(() => undefined)
  .or(secret("the one before"))
  .optional();
const flag = z
  .enum(["true", "false"], "write true or false")
  .default("false")
  .transform((value) => value === "true");
const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Of the tenant `default`, of a tenant by name, or of every tenant (`*:`). */
const ALLOWED_BUCKET =
  /^(?:(?<tenant>\*|[a-z0-9][a-z0-9_-]{0,63}):)?(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/;
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
/** The tenant of the bootstrap key, and of installations with no other. */
const DEFAULT_TENANT = "default";

const settingsSchema = z.object({
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

type Settings = z.infer<typeof settingsSchema>;

/** What no setting says by itself. */
const checkedSettings = settingsSchema.superRefine((settings, context) => {
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

export interface BucketAccess {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface AllowedBucket {
  /** `*` for every tenant. */
  tenant: string;
  bucket: string;
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

/** What one tenant may have at a time. */
export interface TenantLimits {
  atOnce: number;
  openChecks: number;
  openReferences: number;
  openImports: number;
  importBytes: number;
  queuedAtOnce: number;
  eventStreams: number;
}

export interface Configuration {
  backendUrl: string;
  /** By which the backend is reached. */
  backend: Pick<Fetcher, "fetch">;
  edgeOrigin: string;
  /** The one that signs, and the one before while it is valid, too. */
  signingSecrets: readonly [string, ...string[]];
  bootstrapApiKeySha256: string | undefined;
  intake: { allowedHosts: string[]; maxBytes: number; timeoutMs: number; idleTimeoutMs: number };
  outbound: Outbound;
  s3AllowedBuckets: AllowedBucket[];
  uploads: UploadSettings;
  keepOriginals: boolean;
  checkRetentionDays: number;
  checkGiveUpHours: number;
  objectBucketName: string | undefined;
  backendTimeoutMs: number;
  quota: { tenant: Limits; key: Limits };
  tenantLimits: TenantLimits;
  checkMaxEventStreams: number;
  authFailuresPerMinute: number;
  corsOrigins: string[];
  metricsToken: string | undefined;
  /** Null: no traces. */
  tracing: TracingSettings | null;
  /** `secretKeys`: the one that seals, and the one before, which opens, too. */
  webhooks: {
    allowedHosts: string[];
    secretKeys: readonly [string, ...string[]];
    timeoutMs: number;
    logDays: number;
  };
  auditDays: number;
  purgeSettleMs: number;
}

const withPrevious = (current: string, previous: string | undefined): [string, ...string[]] =>
  previous === undefined ? [current] : [current, previous];

/** Our own bucket holds what other tenants have sent. */
function allowedBuckets({ S3_ALLOWED_BUCKETS, OBJECT_BUCKET_NAME }: Settings): AllowedBucket[] {
  return S3_ALLOWED_BUCKETS.map((entry) => {
    const { tenant = DEFAULT_TENANT, bucket = "" } = ALLOWED_BUCKET.exec(entry)!.groups!;
    return { tenant, bucket };
  }).filter(({ bucket }) => bucket !== OBJECT_BUCKET_NAME);
}

function bucketAccess(settings: Settings): BucketAccess | null {
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
function tracingSettings(settings: Settings): TracingSettings | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = settings;
  if (endpoint === undefined) return null;
  const { OTEL_SERVICE_NAME: serviceName, OTEL_TRACES_SAMPLER_ARG: ratio } = settings;
  return { endpoint, headers, serviceName, ratio };
}

export function parseConfiguration(env: Record<string, unknown>): Configuration {
  const parsed = checkedSettings.safeParse(env);
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
    signingSecrets: withPrevious(settings.SIGNING_SECRET, settings.SIGNING_SECRET_PREVIOUS),
    bootstrapApiKeySha256: settings.BOOTSTRAP_API_KEY_SHA256,
    intake: {
      allowedHosts: settings.INTAKE_ALLOWED_HOSTS,
      maxBytes: settings.INTAKE_MAX_BYTES,
      timeoutMs: settings.INTAKE_TIMEOUT_MS,
      idleTimeoutMs: settings.INTAKE_IDLE_TIMEOUT_MS,
    },
    outbound: { proxyUrl: settings.OUTBOUND_PROXY_URL ?? null },
    s3AllowedBuckets: allowedBuckets(settings),
    uploads: {
      maxBytes: settings.UPLOAD_MAX_BYTES,
      partBytes: settings.UPLOAD_PART_BYTES,
      maxOpen: settings.UPLOAD_MAX_OPEN,
      verifyTimeoutMs: settings.UPLOAD_VERIFY_TIMEOUT_MS,
      bucket: bucketAccess(settings),
    },
    keepOriginals: settings.KEEP_ORIGINALS,
    checkRetentionDays: settings.CHECK_RETENTION_DAYS,
    checkGiveUpHours: settings.CHECK_GIVE_UP_HOURS,
    objectBucketName: settings.OBJECT_BUCKET_NAME,
    backendTimeoutMs: settings.BACKEND_TIMEOUT_MS,
    quota: {
      tenant: { perMinute: settings.QUOTA_TENANT_PER_MINUTE, perDay: settings.QUOTA_TENANT_PER_DAY },
      key: { perMinute: settings.QUOTA_KEY_PER_MINUTE, perDay: settings.QUOTA_KEY_PER_DAY },
    },
    tenantLimits: {
      atOnce: settings.TENANT_MAX_AT_ONCE,
      openChecks: settings.TENANT_MAX_OPEN_CHECKS,
      openReferences: settings.TENANT_MAX_OPEN_REFERENCES,
      openImports: settings.TENANT_MAX_OPEN_IMPORTS,
      importBytes: settings.TENANT_MAX_IMPORT_BYTES,
      queuedAtOnce: settings.TENANT_MAX_QUEUED_AT_ONCE,
      eventStreams: settings.TENANT_MAX_EVENT_STREAMS,
    },
    checkMaxEventStreams: settings.CHECK_MAX_EVENT_STREAMS,
    authFailuresPerMinute: settings.AUTH_FAILURES_PER_MINUTE,
    corsOrigins: settings.CORS_ORIGINS,
    metricsToken: settings.METRICS_TOKEN,
    tracing: tracingSettings(settings),
    webhooks: {
      allowedHosts: settings.WEBHOOK_ALLOWED_HOSTS,
      secretKeys: withPrevious(settings.WEBHOOK_SECRET_KEY, settings.WEBHOOK_SECRET_KEY_PREVIOUS),
      timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
      logDays: settings.WEBHOOK_LOG_DAYS,
    },
    auditDays: settings.AUDIT_DAYS,
    purgeSettleMs: settings.PURGE_SETTLE_MS,
  };
}
