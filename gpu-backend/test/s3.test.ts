// Videos in an S3 store that is not ours: a real server, read through the SDK with its signatures.

import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Question } from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { clip, scratchFolder } from "./clips.ts";
import { answerOf, type RunningBackend, startBackend } from "./running-backend.ts";
import { S3_CREDENTIALS, type S3TestServer, startS3 } from "./s3-server.ts";

const KEY = "a folder/ünïcode 100%25?.mp4";
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let store: S3TestServer;
let backend: RunningBackend;
let file: string;
let sha256: string;
let digests = 0;

beforeAll(async () => {
  for (const [name, value] of Object.entries(S3_CREDENTIALS)) vi.stubEnv(name, value);
  scratch = await scratchFolder();
  await mkdir(join(scratch.path, "s3"));
  store = await startS3(join(scratch.path, "s3"), ["videos", "secrets"]);
  file = await clip({ picture: "testsrc2" });
  const bytes = await readFile(file);
  sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.put("videos", KEY, file);
  await store.put("videos", "empty.mp4", new Uint8Array(0));
  await store.put("secrets", KEY, file);
  backend = await startBackend(join(scratch.path, "state"), {
    TWINFRAME_S3_BUCKETS: "videos,absent-bucket",
    TWINFRAME_S3_ENDPOINT: store.endpoint,
    TWINFRAME_S3_REGION: "us-east-1",
    TWINFRAME_S3_PATH_STYLE: "true",
  });
});
afterAll(async () => {
  await backend.close();
  await store[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

const digest = (bucket: string, key: string, max_bytes = 1e9) =>
  backend.question(`q_${digests++}`, { kind: "digest", bucket, key, max_bytes });

describe("an object of an S3 store", () => {
  it("is read once for its digest and its first bytes", async () => {
    const told = answerOf(await digest("videos", KEY), "digest");
    const bytes = await readFile(file);
    expect(told).toMatchObject({ sha256, bytes: bytes.length });
    expect(Buffer.from(told.head_base64, "base64")).toEqual(bytes.subarray(0, 1024));
    expect(answerOf(await digest("videos", "empty.mp4"), "digest")).toMatchObject({
      bytes: 0,
      head_base64: "",
    });
  });

  it("is what an analysis and a comparison read", async () => {
    const source = { kind: "object" as const, bucket: "videos", key: KEY };
    const request = await backend.requestFor(file, { source });
    const task = { kind: "reference" as const, reference_id: "from_s3" };
    expect((await backend.analyse("job_s3", { ...request, task })).at(-1)).toMatchObject({
      result: { indexed_as: "from_s3", video: { sha256 } },
    });
    const question: Question = {
      kind: "comparison",
      a: { kind: "video", sha256, source },
      b: { kind: "reference", library: "default", reference_id: "from_s3" },
    };
    expect(answerOf(await backend.question("q_pair", question), "comparison").score).toBe(1);
  });

  it("that has changed since its digest is not taken", async () => {
    const source = { kind: "object" as const, bucket: "videos", key: KEY };
    const request = await backend.requestFor(file, { source, sha256: "0".repeat(64) });
    const events = await backend.analyse("job_changed", request);
    expect(events.at(-1)).toMatchObject({ problem: { code: "source_failed" } });
  });

  it.each([
    ["that is not there", "videos", "absent.mp4", "source_rejected"],
    ["in a bucket that is not there", "absent-bucket", KEY, "source_rejected"],
    ["in a bucket that the configuration does not name", "secrets", KEY, "source_address_refused"],
    ["whose key leads elsewhere", "videos", "../secrets/a.mp4", "source_address_refused"],
  ])("%s", async (_what, bucket, key, code) => {
    expect((await digest(bucket, key)).at(-1)).toMatchObject({ event: "problem", problem: { code } });
  });

  it("that is too large", async () => {
    const events = await digest("videos", KEY, 1000);
    expect(events.at(-1)).toMatchObject({ problem: { code: "video_too_large" } });
  });

  it("of which the service's credentials are not known", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another");
    await using other = await scratchFolder();
    const stranger = await startBackend(other.path, {
      TWINFRAME_S3_BUCKETS: "videos",
      TWINFRAME_S3_ENDPOINT: store.endpoint,
      TWINFRAME_S3_REGION: "us-east-1",
      TWINFRAME_S3_PATH_STYLE: "true",
    });
    const question: Question = { kind: "digest", bucket: "videos", key: KEY, max_bytes: 1e9 };
    const events = await stranger.question("q_stranger", question);
    await stranger.close();
    expect(events.at(-1)).toMatchObject({ problem: { code: "source_rejected" } });
  });

  it("where no bucket is configured", async () => {
    await using other = await scratchFolder();
    const without = await startBackend(other.path);
    const question: Question = { kind: "digest", bucket: "videos", key: KEY, max_bytes: 1e9 };
    const events = await without.question("q_without", question);
    await without.close();
    expect(events.at(-1)).toMatchObject({ problem: { code: "source_address_refused" } });
  });
});
