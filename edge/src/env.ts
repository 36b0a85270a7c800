import { z } from "zod";
import type { JobMessage } from "./jobs/messages.ts";

export interface Bindings {
  DB: D1Database;
  OBJECTS: R2Bucket;
  VERDICTS: KVNamespace;
  JOBS: Queue<JobMessage>;
}

/** The bindings and, as text, the settings below. */
export type Env = Bindings & Partial<Record<keyof typeof settingsSchema.shape, string>>;

const text = (what: string) => z.string({ error: `is not set: ${what}` }).min(1, `is empty: ${what}`);
const httpOrigin = (what: string) =>
  text(what)
    .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), `give ${what}`)
    .transform((value) => value.replace(/\/+$/, ""));
const positiveInt = (fallback: number) => z.coerce.number().int().positive().default(fallback);

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
  INTAKE_ALLOWED_HOSTS: z
    .string()
    .default("")
    .transform((list) => list.split(",").map((entry) => entry.trim().toLowerCase()))
    .transform((list) => list.filter((entry) => entry !== ""))
    .pipe(z.array(z.string().regex(/^.+:\d{1,5}$/, "write each entry as host:port"))),
  INTAKE_MAX_BYTES: positiveInt(2 * 1024 ** 3),
  /** For a whole video. */
  INTAKE_TIMEOUT_MS: positiveInt(120_000),
  /** Without a single byte. */
  INTAKE_IDLE_TIMEOUT_MS: positiveInt(15_000),
  KEEP_ORIGINALS: z
    .enum(["true", "false"], "write true or false")
    .default("false")
    .transform((value) => value === "true"),
  /** Checks that ended longer ago are deleted. */
  CHECK_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
  /** When set, the backend reads objects from this bucket itself; else through a signed link. */
  OBJECT_BUCKET_NAME: z.string().min(1).optional(),
  /** Until the backend's first response. */
  BACKEND_TIMEOUT_MS: positiveInt(10_000),
});

export interface Configuration {
  backendUrl: string;
  edgeOrigin: string;
  signingSecret: string;
  bootstrapApiKeySha256: string | undefined;
  intake: { allowedHosts: string[]; maxBytes: number; timeoutMs: number; idleTimeoutMs: number };
  keepOriginals: boolean;
  checkRetentionDays: number;
  objectBucketName: string | undefined;
  backendTimeoutMs: number;
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
    edgeOrigin: settings.EDGE_ORIGIN,
    signingSecret: settings.SIGNING_SECRET,
    bootstrapApiKeySha256: settings.BOOTSTRAP_API_KEY_SHA256,
    intake: {
      allowedHosts: settings.INTAKE_ALLOWED_HOSTS,
      maxBytes: settings.INTAKE_MAX_BYTES,
      timeoutMs: settings.INTAKE_TIMEOUT_MS,
      idleTimeoutMs: settings.INTAKE_IDLE_TIMEOUT_MS,
    },
    keepOriginals: settings.KEEP_ORIGINALS,
    checkRetentionDays: settings.CHECK_RETENTION_DAYS,
    objectBucketName: settings.OBJECT_BUCKET_NAME,
    backendTimeoutMs: settings.BACKEND_TIMEOUT_MS,
  };
}
