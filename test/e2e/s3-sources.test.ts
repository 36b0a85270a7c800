// s3:// addresses from the API down to a real S3 server: the edge knows only their names.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { scratchFolder } from "@twinframe/gpu-backend/testing/clips";
import { S3_CREDENTIALS, type S3TestServer, startS3 } from "@twinframe/gpu-backend/testing/s3-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectProblem } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";

const id = "5f0c9b1e-1a77-4c0f-9d4b-0f3f5a5d7c11";
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let store: S3TestServer;
let services: OwnServices & AsyncDisposable;

beforeAll(async () => {
  scratch = await scratchFolder();
  await mkdir(join(scratch.path, "s3"));
  store = await startS3(join(scratch.path, "s3"), ["videos", "secrets"]);
  const valley = await scene("valley");
  await store.put("videos", `clips/${id}.mp4`, valley);
  await store.put("videos", "a folder/copy.mkv", await edited(valley, "remuxed"));
  await store.put("secrets", "clips/copy.mkv", valley);
  services = await startOwnServices({
    extraEdgeVars: { S3_ALLOWED_BUCKETS: "videos" },
    extraBackendEnv: {
      ...S3_CREDENTIALS,
      TWINFRAME_S3_BUCKETS: "videos",
      TWINFRAME_S3_ENDPOINT: store.endpoint,
      TWINFRAME_S3_REGION: "us-east-1",
      TWINFRAME_S3_PATH_STYLE: "true",
    },
  });
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

const post = (path: string, json: object) => services.api.ask("POST", path, { json });

test("a video in a bucket joins, and its copy in the bucket is found", async () => {
  const original = await post("/check-video-duplicate", { url: `s3://videos/clips/${id}.mp4` });
  expect(original.body).toEqual({ is_duplicate: false, duplicate_for: "" });
  const copy = await post("/check-video-duplicate", { url: "s3://videos/a folder/copy.mkv" });
  expect(copy.body).toEqual({ is_duplicate: true, duplicate_for: id });
});

test("searched for and compared", async () => {
  const url = "s3://videos/a folder/copy.mkv";
  const { body } = await post("/v1/search", { url });
  expect(body.results).toMatchObject([{ reference_id: id, score: 1 }]);
  const compared = await post("/v1/comparisons", { a: { url }, b: { reference_id: id } });
  expect(compared.body).toMatchObject({ score: 1, verdict: "duplicate" });
});

test("what is not there, and what is not allowed", async () => {
  const absent = await post("/v1/checks", { url: "s3://videos/clips/absent.mp4" });
  expectProblem(absent, "source_rejected", /no such object/);
  const secret = await post("/v1/checks", { url: "s3://secrets/clips/copy.mkv" });
  expectProblem(secret, "source_address_refused", /S3_ALLOWED_BUCKETS/);
});
