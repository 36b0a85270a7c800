// The settings as the code works with them.

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

/** Requests that are let through. */
export interface RateLimits {
  perMinute: number;
  perDay: number;
}

export interface OutboundSettings {
  /** Null: the runtime's own fetch. */
  proxyUrl: string | null;
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
  backend: { fetch(url: string, init: RequestInit): Promise<Response> };
  edgeOrigin: string;
  /** The one that signs, and the one before while it is valid, too. */
  signingSecrets: readonly [string, ...string[]];
  bootstrapApiKeySha256: string | undefined;
  intake: { allowedHosts: string[]; maxBytes: number; timeoutMs: number; idleTimeoutMs: number };
  outbound: OutboundSettings;
  s3AllowedBuckets: AllowedBucket[];
  uploads: UploadSettings;
  keepOriginals: boolean;
  checkRetentionDays: number;
  checkGiveUpHours: number;
  objectBucketName: string | undefined;
  backendTimeoutMs: number;
  quota: { tenant: RateLimits; key: RateLimits };
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
