import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ObjectStore } from "./index.ts";
import { createObjectStore } from "./object-store.ts";
import { serve, type TestingServer } from "./testing-server.ts";

const content = randomBytes(200_000);
const sha256 = createHash("sha256").update(content).digest("hex");
const source = { kind: "object", bucket: "videos", key: "tenant/a b.mp4" } as const;
let directory: string;
let server: TestingServer;
let store: ObjectStore;

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test-key-id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test-secret");
  directory = await mkdtemp(join(tmpdir(), "twinframe-store-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  store?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Speaks GetObject for one object, path style. */
function objectServer(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "GET" && request.url?.startsWith("/videos/tenant/a%20b.mp4")) {
    response.writeHead(200, { "content-length": content.length, "content-type": "video/mp4", etag: '"e"' });
    response.end(content);
    return;
  }
  response.writeHead(404, { "content-type": "application/xml" });
  response.end("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>");
}

async function storeOn(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 20_000,
) {
  server = await serve(answer);
  store = createObjectStore({
    endpoint: server.origin,
    region: "auto",
    pathStyle: true,
    allowedBuckets: ["videos"],
    maxAttempts: 1,
    timeouts: { answerMs: timeoutMs, idleMs: timeoutMs },
  });
  return store;
}

test("an object is read with a signed request at its bucket's path", async () => {
  const objects = await storeOn(objectServer);
  await using video = await objects.fetchToFile(source, { directory, maxBytes: 1e6, expectedSha256: sha256 });
  expect(video).toMatchObject({ bytes: content.length, sha256 });
  expect(await readFile(video.file)).toEqual(content);
  const { method, url, headers } = server.requests[0] ?? {};
  expect(method).toBe("GET");
  expect(new URL(url ?? "", server.origin).pathname).toBe("/videos/tenant/a%20b.mp4");
  expect(headers?.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=test-key-id\/\d{8}\/auto\/s3\/aws4_request, SignedHeaders=[\w;-]+, Signature=[0-9a-f]{64}$/,
  );
});

test("a bucket that is not configured is refused without a request", async () => {
  const objects = await storeOn(objectServer);
  const fetching = objects.fetchToFile({ ...source, bucket: "secrets" }, { directory, maxBytes: 1e6 });
  await expect(fetching).rejects.toMatchObject({ code: "source_address_refused" });
  expect(server.requests).toEqual([]);
});

test("a key cannot lead out of its bucket", async () => {
  const objects = await storeOn(objectServer);
  for (const key of ["../secrets/a.mp4", "tenant/../../secrets/a.mp4", "tenant/.."]) {
    const fetching = objects.fetchToFile({ ...source, key }, { directory, maxBytes: 1e6 });
    await expect(fetching, key).rejects.toMatchObject({ code: "source_address_refused" });
  }
  expect(server.requests).toEqual([]);
});

test.each<{
  name: string;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  code: string;
}>([
  { name: "refused", answer: (_, response) => void response.writeHead(403).end(), code: "source_failed" },
  { name: "failing", answer: (_, response) => void response.writeHead(500).end(), code: "source_failed" },
  { name: "reset", answer: (request) => void request.socket.resetAndDestroy(), code: "source_failed" },
  { name: "silent", answer: () => {}, code: "source_timeout" },
  {
    name: "broken off",
    answer: (request, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 50_000), () => request.socket.resetAndDestroy());
    },
    code: "source_failed",
  },
])("a store that is $name is a failure of the source", async ({ answer, code }) => {
  const objects = await storeOn(answer, code === "source_timeout" ? 100 : undefined);
  await expect(objects.fetchToFile(source, { directory, maxBytes: 1e6 })).rejects.toMatchObject({ code });
  expect(await readdir(directory)).toEqual([]);
});

test("an object that is not there, too large or another content is told apart", async () => {
  const objects = await storeOn(objectServer);
  const missing = objects.fetchToFile({ ...source, key: "absent" }, { directory, maxBytes: 1e6 });
  await expect(missing).rejects.toMatchObject({ code: "object_not_found" });
  const large = objects.fetchToFile(source, { directory, maxBytes: 1000 });
  await expect(large).rejects.toMatchObject({ code: "video_too_large" });
  const other = objects.fetchToFile(source, { directory, maxBytes: 1e6, expectedSha256: "0".repeat(64) });
  await expect(other).rejects.toMatchObject({ code: "source_failed" });
  expect(await readdir(directory)).toEqual([]);
});

test("an abort ends the request with its reason", async () => {
  const abort = new AbortController();
  const reason = new Error("the client left");
  const objects = await storeOn(() => abort.abort(reason));
  const fetching = objects.fetchToFile(source, { directory, maxBytes: 1e6, signal: abort.signal });
  await expect(fetching).rejects.toBe(reason);
});
