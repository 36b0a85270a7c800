import { expect, it } from "vitest";
import { stopAnalysis } from "../backend-client/analyses.ts";
import { parseConfiguration } from "./parse-configuration.ts";

const enough = {
  BACKEND_URL: "http://127.0.0.1:8080/",
  EDGE_ORIGIN: "http://127.0.0.1:8787",
  SIGNING_SECRET: "0123456789abcdef",
  WEBHOOK_SECRET_KEY: "another 16 characters",
};

it("fills in what may be left out", () => {
  expect(parseConfiguration(enough)).toEqual({
    backendUrl: "http://127.0.0.1:8080",
    backend: { fetch: expect.any(Function) },
    edgeOrigin: "http://127.0.0.1:8787",
    outbound: { proxyUrl: null },
    signingSecrets: ["0123456789abcdef"],
    bootstrapApiKeySha256: undefined,
    intake: { allowedHosts: [], maxBytes: 2147483648, timeoutMs: 120000, idleTimeoutMs: 15000 },
    s3AllowedBuckets: [],
    uploads: {
      maxBytes: 5368709120,
      partBytes: 33554432,
      maxOpen: 100,
      verifyTimeoutMs: 300000,
      bucket: null,
    },
    keepOriginals: false,
    checkRetentionDays: 90,
    checkGiveUpHours: 24,
    objectBucketName: undefined,
    backendTimeoutMs: 10000,
    quota: {
      tenant: { perMinute: 12000, perDay: 2000000 },
      key: { perMinute: 12000, perDay: 2000000 },
    },
    tenantLimits: {
      atOnce: 64,
      openChecks: 1000,
      openReferences: 10_000,
      openImports: 10,
      importBytes: 32 * 1024 * 1024,
      queuedAtOnce: 8,
      eventStreams: 200,
    },
    checkMaxEventStreams: 100,
    authFailuresPerMinute: 60,
    corsOrigins: [],
    metricsToken: undefined,
    tracing: null,
    webhooks: { allowedHosts: [], secretKeys: ["another 16 characters"], timeoutMs: 20000, logDays: 30 },
    auditDays: 400,
    purgeSettleMs: 300000,
  });
});

it("reaches the backend through the binding, where there is one", async () => {
  const asked: string[] = [];
  const BACKEND = {
    fetch: async (input: RequestInfo | URL) => {
      asked.push(String(input));
      return Response.json({}, { status: 404 });
    },
  };
  await stopAnalysis(parseConfiguration({ ...enough, BACKEND }), { id: "chk_1" });
  expect(asked).toEqual(["http://127.0.0.1:8080/internal/analyses/chk_1"]);
});

it("reads the list of allowed hosts", () => {
  const parsed = parseConfiguration({ ...enough, INTAKE_ALLOWED_HOSTS: " MinIO:9000, 127.0.0.1:81 ," });
  expect(parsed.intake.allowedHosts).toEqual(["minio:9000", "127.0.0.1:81"]);
});

it("reads whose buckets they are, and leaves out the one of our own objects", () => {
  const parsed = parseConfiguration({
    ...enough,
    S3_ALLOWED_BUCKETS: "videos, *:twinframe-objects,twinframe-objects,acme:a.b-c, *:public ,",
    OBJECT_BUCKET_NAME: "twinframe-objects",
  });
  expect(parsed.s3AllowedBuckets).toEqual([
    { tenant: "default", bucket: "videos" },
    { tenant: "acme", bucket: "a.b-c" },
    { tenant: "*", bucket: "public" },
  ]);
});

it("takes a secret before the current one, and an empty one for none", () => {
  const before = {
    SIGNING_SECRET_PREVIOUS: "the one before it",
    WEBHOOK_SECRET_KEY_PREVIOUS: "and the key before",
  };
  const both = parseConfiguration({ ...enough, ...before });
  expect(both.signingSecrets).toEqual([enough.SIGNING_SECRET, "the one before it"]);
  expect(both.webhooks.secretKeys).toEqual([enough.WEBHOOK_SECRET_KEY, "and the key before"]);
  const none = { SIGNING_SECRET_PREVIOUS: "", WEBHOOK_SECRET_KEY_PREVIOUS: "" };
  expect(parseConfiguration({ ...enough, ...none }).signingSecrets).toEqual([enough.SIGNING_SECRET]);
});

it.each([
  ["http://127.0.0.1:8080", true],
  ["http://127.1:8080", true],
  ["http://localhost:8080", true],
  ["http://[::1]:8080", true],
  ["https://backend.example.com", true],
  ["http://backend.example.com", false],
  ["http://backend:8080", false],
  ["http://10.0.0.7:8080", false],
  ["http://127.0.0.1.example.com", false],
  ["http://localhost@backend.example.com", false],
])("takes %s for the backend without more ado: %s", (BACKEND_URL, isTaken) => {
  const parse = (more = {}) => parseConfiguration({ ...enough, BACKEND_URL, ...more });
  if (isTaken) expect(parse().backendUrl).toBe(BACKEND_URL);
  else expect(parse).toThrow(/BACKEND_URL is plain http to another machine.* ALLOW_INSECURE_BACKEND to true/);
  expect(parse({ ALLOW_INSECURE_BACKEND: "true" }).backendUrl).toBe(BACKEND_URL);
});

it("reads where traces go, and what is sent along", () => {
  const parsed = parseConfiguration({
    ...enough,
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example/otlp/",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic YTpi==, x-scope = a ,",
    OTEL_TRACES_SAMPLER_ARG: "0.25",
  });
  expect(parsed.tracing).toEqual({
    endpoint: "https://collector.example/otlp",
    headers: { authorization: "Basic YTpi==", "x-scope": "a" },
    serviceName: "twinframe-edge",
    ratio: 0.25,
  });
});

it("webhooks go to private hosts of their own list alone, not to where videos come from", () => {
  const hosts = { INTAKE_ALLOWED_HOSTS: "127.0.0.1:81" };
  expect(parseConfiguration({ ...enough, ...hosts }).webhooks.allowedHosts).toEqual([]);
  const own = { ...hosts, WEBHOOK_ALLOWED_HOSTS: "127.0.0.1:82" };
  expect(parseConfiguration({ ...enough, ...own }).webhooks.allowedHosts).toEqual(["127.0.0.1:82"]);
});

it.each([
  [{ BACKEND_URL: undefined }, "BACKEND_URL"],
  [{ EDGE_ORIGIN: "edge" }, "EDGE_ORIGIN"],
  [{ SIGNING_SECRET: "short-secret" }, "SIGNING_SECRET"],
  [{ BOOTSTRAP_API_KEY_SHA256: "abc" }, "BOOTSTRAP_API_KEY_SHA256"],
  [{ INTAKE_ALLOWED_HOSTS: "minio" }, "INTAKE_ALLOWED_HOSTS"],
  [{ INTAKE_MAX_BYTES: "many" }, "INTAKE_MAX_BYTES"],
  [{ S3_ALLOWED_BUCKETS: "videos/folder" }, "S3_ALLOWED_BUCKETS"],
  [{ S3_ALLOWED_BUCKETS: "Acme:videos" }, "S3_ALLOWED_BUCKETS"],
  [{ S3_ALLOWED_BUCKETS: ":videos" }, "S3_ALLOWED_BUCKETS"],
  [{ SIGNING_SECRET_PREVIOUS: "short-secret" }, "SIGNING_SECRET_PREVIOUS"],
  [{ WEBHOOK_SECRET_KEY: undefined }, "WEBHOOK_SECRET_KEY"],
  [{ WEBHOOK_SECRET_KEY: enough.SIGNING_SECRET }, "WEBHOOK_SECRET_KEY"],
  [{ WEBHOOK_SECRET_KEY_PREVIOUS: "short-secret" }, "WEBHOOK_SECRET_KEY_PREVIOUS"],
  [{ ALLOW_INSECURE_BACKEND: "yes" }, "ALLOW_INSECURE_BACKEND"],
  [{ CORS_ORIGINS: "https://a.example/path" }, "CORS_ORIGINS"],
  [{ CORS_ORIGINS: "*" }, "CORS_ORIGINS"],
  [{ METRICS_TOKEN: "short-token" }, "METRICS_TOKEN"],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "OTEL_EXPORTER_OTLP_ENDPOINT"],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "no-value" }, "OTEL_EXPORTER_OTLP_HEADERS"],
  [{ OTEL_TRACES_SAMPLER_ARG: "1.5" }, "OTEL_TRACES_SAMPLER_ARG"],
  [{ QUOTA_KEY_PER_DAY: "0" }, "QUOTA_KEY_PER_DAY"],
  [{ OUTBOUND_PROXY_URL: "http://proxy.example.com/x" }, "OUTBOUND_PROXY_URL"],
  [{ WEBHOOK_ALLOWED_HOSTS: "hooks" }, "WEBHOOK_ALLOWED_HOSTS"],
  [{ WEBHOOK_SECRET_KEY: "short-secret" }, "WEBHOOK_SECRET_KEY"],
  [{ UPLOAD_PART_BYTES: "5000000" }, "UPLOAD_PART_BYTES"],
  [{ R2_ACCOUNT_ID: "account" }, "R2_ACCOUNT_ID"],
  [{ KEEP_ORIGINALS: "yes" }, "KEEP_ORIGINALS"],
])("names what is wrong in %j, without the value", (wrong, name) => {
  const parse = () => parseConfiguration({ ...enough, ...wrong });
  expect(parse).toThrow(name);
  expect(parse).not.toThrow("short-secret");
});
