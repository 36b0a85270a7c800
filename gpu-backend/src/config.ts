// The backend's configuration: the environment, checked once at the start.

import { createHmac } from "node:crypto";
import { SIGNING_SECRET_MIN_LENGTH } from "@twinframe/shared/signing";
import { z } from "zod";
import { DEFAULT_MANIFEST, manifestFileOf } from "./descriptor/model-choice.ts";
import { DEFAULT_QDRANT_SETTINGS, type QdrantSettings } from "./index/qdrant/settings.ts";
import { DEFAULT_MEDIA_LIMITS, SANDBOX_MODES } from "./media/index.ts";
import { type Memory, memoryHere, planMemory } from "./memory-plan.ts";

const whole = (least: number, most: number = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().min(least).max(most);
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);

const environmentSchema = z.object({
  TWINFRAME_BACKEND_HOST: z.string().default("127.0.0.1"),
  TWINFRAME_BACKEND_PORT: whole(0, 65_535).default(8080),
  /** The folder that holds the embedded index; everything acknowledged is in it. */
  TWINFRAME_BACKEND_STATE: z.string().default("./.twinframe/backend"),
  /** Shared with the edge, which signs every request with it. */
  TWINFRAME_SIGNING_SECRET: z.string().min(SIGNING_SECRET_MIN_LENGTH),
  /** Valid as well, while the secret is being replaced. */
  TWINFRAME_SIGNING_SECRET_PREVIOUS: z.string().min(SIGNING_SECRET_MIN_LENGTH).optional(),
  /** Of requests that change something, remembered for five minutes so that none passes twice. */
  TWINFRAME_MAX_NONCES: whole(1, 10_000_000).default(200_000),
  /** Origins from which signed links may be read: the edge's. */
  TWINFRAME_OBJECT_ORIGINS: list.default([]),
  /** Buckets that may be read through S3, and where. */
  TWINFRAME_S3_BUCKETS: list.default([]),
  TWINFRAME_S3_ENDPOINT: z.url().optional(),
  TWINFRAME_S3_REGION: z.string().default("auto"),
  TWINFRAME_S3_PATH_STYLE: z.stringbool().default(false),
  /** A shipped model's name (a folder of models/) or a manifest's path. */
  TWINFRAME_MODEL: z.string().optional(),
  /** A manifest's path; counts where TWINFRAME_MODEL is not given. */
  TWINFRAME_MODEL_MANIFEST: z.string().default(DEFAULT_MANIFEST),
  /** In the order to try; `cpu` is always there. */
  TWINFRAME_EXECUTION_PROVIDERS: list.default(["cpu"]),
  TWINFRAME_MAX_BATCH_FRAMES: whole(1, 1024).default(64),
  TWINFRAME_FRAMES_PER_SECOND: z.coerce.number().min(0.1).max(10).default(2),
  TWINFRAME_MIN_FRAMES: whole(1, 64).default(8),
  /** ffmpeg's -hwaccel, such as `cuda`; software decoding when absent. */
  TWINFRAME_HWACCEL: z
    .string()
    .regex(/^[a-z0-9]+$/)
    .optional(),
  TWINFRAME_MAX_VIDEO_BYTES: whole(1).default(5 * 1024 ** 3),
  TWINFRAME_MAX_DURATION_S: whole(1).default(DEFAULT_MEDIA_LIMITS.maxDurationS),
  TWINFRAME_DECODE_WALL_MS: whole(1000).default(DEFAULT_MEDIA_LIMITS.decodeWallMs),
  /** All of one video's ffmpeg processes together. */
  TWINFRAME_ANALYSIS_WALL_MS: whole(1000).default(DEFAULT_MEDIA_LIMITS.analysisWallMs),
  /** What stands around ffmpeg: the strongest that works, nothing less than bubblewrap, or resource limits alone. */
  TWINFRAME_MEDIA_SANDBOX: z.enum(SANDBOX_MODES).default("auto"),
  /** That one decoding process may write to; as much as fits when absent. */
  TWINFRAME_MEDIA_MEMORY_BYTES: whole(64 * 1024 ** 2).optional(),
  /** As many as the memory allows when absent. */
  TWINFRAME_MAX_CONCURRENT_ANALYSES: whole(1, 256).optional(),
  TWINFRAME_MAX_WAITING_ANALYSES: whole(0, 100_000).default(2048),
  /** Of one tenant; as many as may run at once when absent. */
  TWINFRAME_TENANT_MAX_RUNNING: whole(1, 256).optional(),
  TWINFRAME_TENANT_MAX_WAITING: whole(1, 100_000).default(256),
  /** Places that no tenant takes beyond its share while another one has had work in the last ten minutes. */
  TWINFRAME_RESERVED_SLOTS: whole(0, 255).default(1),
  /** `tenant=weight,…`: a tenant's part of what runs at once, beside 1 for each that is not named. */
  TWINFRAME_TENANT_WEIGHTS: list
    .pipe(z.array(z.string().regex(/^[^=]+=\d{1,4}(\.\d{1,2})?$/, "write each weight as tenant=number")))
    .transform((entries) => entries.map((entry) => entry.split("=") as [string, string]))
    .transform((pairs) => new Map(pairs.map(([tenant, weight]) => [tenant, Number(weight)])))
    .refine((weights) => [...weights.values()].every((weight) => weight > 0), "give weights above 0")
    .prefault(""),
  TWINFRAME_FRAMES_PER_QUERY: whole(1, 1024).default(128),
  TWINFRAME_MAX_CANDIDATES: whole(1, 200).default(25),
  /** A part of the memory when absent. */
  TWINFRAME_INDEX_MAX_BYTES: whole(1).optional(),
  /** Where vectors are kept: in a file here, or on a Qdrant server that several backends share. */
  TWINFRAME_INDEX: z.enum(["embedded", "qdrant"]).default("embedded"),
  TWINFRAME_QDRANT_URL: z.url({ protocol: /^https?$/ }).default("http://127.0.0.1:6333"),
  TWINFRAME_QDRANT_API_KEY: z.string().optional(),
  TWINFRAME_QDRANT_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,47}$/)
    .default(DEFAULT_QDRANT_SETTINGS.prefix),
  TWINFRAME_QDRANT_SHARDS: whole(1, 256).default(DEFAULT_QDRANT_SETTINGS.shards),
  TWINFRAME_QDRANT_REPLICAS: whole(1, 16).default(DEFAULT_QDRANT_SETTINGS.replicas),
  TWINFRAME_QDRANT_WRITE_CONSISTENCY: whole(1, 16).default(DEFAULT_QDRANT_SETTINGS.writeConsistency),
  TWINFRAME_QDRANT_SEARCH_WIDTH: whole(16, 10_000).default(DEFAULT_QDRANT_SETTINGS.searchWidth),
  TWINFRAME_QDRANT_TIMEOUT_MS: whole(100, 600_000).default(DEFAULT_QDRANT_SETTINGS.timeoutMs),
  TWINFRAME_QDRANT_SNAPSHOT_TIMEOUT_MS: whole(1000).default(DEFAULT_QDRANT_SETTINGS.snapshotTimeoutMs),
  /** From SIGTERM on: so long running work may go on before it is handed back. */
  TWINFRAME_DRAIN_GRACE_MS: whole(0, 600_000).default(25_000),
  /** At least so long it answers "not ready" before it is gone, for a load balancer to notice. */
  TWINFRAME_DRAIN_NOTICE_MS: whole(0, 60_000).default(0),
  /** Who sends this may read /metrics; without it there is none. */
  TWINFRAME_METRICS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/, "give at least 16 characters, none of them a space")
    .optional(),
  /** Where traces go, as OTLP over HTTP with JSON; nowhere when absent. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_SERVICE_NAME: z.string().default("twinframe-backend"),
  TWINFRAME_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
});

export type Config = ReturnType<typeof readConfig>;

/**
 * Throws one error that names every setting to correct, and never a value, which may be a secret; and one that says
 * which of them ask for more memory than there is.
 */
export function readConfig(environment: Record<string, string | undefined>, memory: Memory = memoryHere()) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    throw new Error(`correct these environment variables and start again:\n${lines.join("\n")}`);
  }
  const env = parsed.data;
  const plan = planMemory(memory, {
    indexMaxBytes: env.TWINFRAME_INDEX_MAX_BYTES,
    maxConcurrentAnalyses: env.TWINFRAME_MAX_CONCURRENT_ANALYSES,
    mediaMemoryBytes: env.TWINFRAME_MEDIA_MEMORY_BYTES,
    maxFrameBytes: DEFAULT_MEDIA_LIMITS.maxFrameBytes,
    isEmbedded: env.TWINFRAME_INDEX === "embedded",
  });
  return {
    host: env.TWINFRAME_BACKEND_HOST,
    port: env.TWINFRAME_BACKEND_PORT,
    stateDirectory: env.TWINFRAME_BACKEND_STATE,
    signingSecrets: [env.TWINFRAME_SIGNING_SECRET, env.TWINFRAME_SIGNING_SECRET_PREVIOUS].filter(
      (secret) => secret !== undefined,
    ),
    maxNonces: env.TWINFRAME_MAX_NONCES,
    logLevel: env.TWINFRAME_LOG_LEVEL,
    objectOrigins: env.TWINFRAME_OBJECT_ORIGINS,
    s3: {
      buckets: env.TWINFRAME_S3_BUCKETS,
      endpoint: env.TWINFRAME_S3_ENDPOINT,
      region: env.TWINFRAME_S3_REGION,
      pathStyle: env.TWINFRAME_S3_PATH_STYLE,
    },
    modelManifest: env.TWINFRAME_MODEL ? manifestFileOf(env.TWINFRAME_MODEL) : env.TWINFRAME_MODEL_MANIFEST,
    executionProviders: env.TWINFRAME_EXECUTION_PROVIDERS,
    maxBatchFrames: env.TWINFRAME_MAX_BATCH_FRAMES,
    sampling: {
      framesPerSecond: env.TWINFRAME_FRAMES_PER_SECOND,
      minFrames: env.TWINFRAME_MIN_FRAMES,
      hwaccel: env.TWINFRAME_HWACCEL,
      momentsKey: createHmac("sha256", env.TWINFRAME_SIGNING_SECRET).update("sampling moments").digest(),
    },
    search: { framesPerQuery: env.TWINFRAME_FRAMES_PER_QUERY, maxCandidates: env.TWINFRAME_MAX_CANDIDATES },
    limits: {
      ...DEFAULT_MEDIA_LIMITS,
      maxDurationS: env.TWINFRAME_MAX_DURATION_S,
      decodeWallMs: env.TWINFRAME_DECODE_WALL_MS,
      analysisWallMs: env.TWINFRAME_ANALYSIS_WALL_MS,
      memoryBytes: plan.mediaMemoryBytes,
      readingMemoryBytes: plan.readingMemoryBytes,
    },
    mediaSandbox: env.TWINFRAME_MEDIA_SANDBOX,
    maxVideoBytes: env.TWINFRAME_MAX_VIDEO_BYTES,
    limiter: {
      maxRunning: plan.maxConcurrentAnalyses,
      maxWaiting: env.TWINFRAME_MAX_WAITING_ANALYSES,
      tenantMaxRunning: env.TWINFRAME_TENANT_MAX_RUNNING ?? plan.maxConcurrentAnalyses,
      tenantMaxWaiting: env.TWINFRAME_TENANT_MAX_WAITING,
      reserved: env.TWINFRAME_RESERVED_SLOTS,
      weights: env.TWINFRAME_TENANT_WEIGHTS,
    },
    indexMaxBytes: plan.indexMaxBytes,
    index: env.TWINFRAME_INDEX,
    qdrant: {
      url: env.TWINFRAME_QDRANT_URL,
      apiKey: env.TWINFRAME_QDRANT_API_KEY,
      prefix: env.TWINFRAME_QDRANT_PREFIX,
      shards: env.TWINFRAME_QDRANT_SHARDS,
      replicas: env.TWINFRAME_QDRANT_REPLICAS,
      writeConsistency: env.TWINFRAME_QDRANT_WRITE_CONSISTENCY,
      searchWidth: env.TWINFRAME_QDRANT_SEARCH_WIDTH,
      timeoutMs: env.TWINFRAME_QDRANT_TIMEOUT_MS,
      snapshotTimeoutMs: env.TWINFRAME_QDRANT_SNAPSHOT_TIMEOUT_MS,
    } satisfies QdrantSettings,
    drain: { graceMs: env.TWINFRAME_DRAIN_GRACE_MS, noticeMs: env.TWINFRAME_DRAIN_NOTICE_MS },
    metricsToken: env.TWINFRAME_METRICS_TOKEN,
    tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: env.OTEL_SERVICE_NAME },
  };
}
