// The bindings' texts ─▶ the configuration, or an error that names every fault.

import type { AllowedBucket, BucketAccess, Configuration, TracingSettings } from "./configuration.ts";
import { ALLOWED_BUCKET } from "./setting-types.ts";
import { checkedSettings, type Settings } from "./settings.ts";

/** The tenant of the bootstrap key, and of installations with no other. */
const DEFAULT_TENANT = "default";

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

const usualWay: Configuration["backend"] = { fetch: (url, init) => fetch(url, init) };

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
