import { expect, it } from "vitest";
import { parseConfiguration } from "./env.ts";

const enough = {
  BACKEND_URL: "http://127.0.0.1:8080/",
  EDGE_ORIGIN: "http://127.0.0.1:8787",
  SIGNING_SECRET: "0123456789abcdef",
};

it("fills in what may be left out", () => {
  expect(parseConfiguration(enough)).toEqual({
    backendUrl: "http://127.0.0.1:8080",
    edgeOrigin: "http://127.0.0.1:8787",
    signingSecret: "0123456789abcdef",
    bootstrapApiKeySha256: undefined,
    intake: { allowedHosts: [], maxBytes: 2147483648, timeoutMs: 120000, idleTimeoutMs: 15000 },
    keepOriginals: false,
    checkRetentionDays: 90,
    objectBucketName: undefined,
    backendTimeoutMs: 10000,
  });
});

it("reads the list of allowed hosts", () => {
  const parsed = parseConfiguration({ ...enough, INTAKE_ALLOWED_HOSTS: " MinIO:9000, 127.0.0.1:81 ," });
  expect(parsed.intake.allowedHosts).toEqual(["minio:9000", "127.0.0.1:81"]);
});

it.each([
  [{ BACKEND_URL: undefined }, "BACKEND_URL"],
  [{ EDGE_ORIGIN: "edge" }, "EDGE_ORIGIN"],
  [{ SIGNING_SECRET: "short-secret" }, "SIGNING_SECRET"],
  [{ BOOTSTRAP_API_KEY_SHA256: "abc" }, "BOOTSTRAP_API_KEY_SHA256"],
  [{ INTAKE_ALLOWED_HOSTS: "minio" }, "INTAKE_ALLOWED_HOSTS"],
  [{ INTAKE_MAX_BYTES: "many" }, "INTAKE_MAX_BYTES"],
  [{ KEEP_ORIGINALS: "yes" }, "KEEP_ORIGINALS"],
])("names what is wrong in %j, without the value", (wrong, name) => {
  const parse = () => parseConfiguration({ ...enough, ...wrong });
  expect(parse).toThrow(name);
  expect(parse).not.toThrow("short-secret");
});
