// Uploads that go straight to the bucket, by signed links.

import { createExecutionContext } from "cloudflare:test";
import { createdUploadSchema, type Upload, uploadSchema } from "@twinframe/shared/contract";
import { expect, inject, it } from "vitest";
import { env, expectProblem, jsonOf } from "../../test/client.ts";
import { API_KEY, BUCKET } from "../../test/settings.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";
import worker from "../index.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { answerText } from "./bucket-answer.ts";
import { sweepUploads } from "./remove.ts";

const PART = 5 * 1024 * 1024;
const bucketUrl = `http://${inject("bucketHost")}`;
const direct = {
  ...env,
  OBJECT_BUCKET_NAME: BUCKET.name,
  R2_ACCOUNT_ID: "0".repeat(32),
  R2_ACCESS_KEY_ID: BUCKET.accessKeyId,
  R2_SECRET_ACCESS_KEY: BUCKET.secretAccessKey,
  R2_S3_ENDPOINT: bucketUrl,
};

const ask = (method: string, path: string, json?: object, bindings: typeof direct = direct) =>
  worker.fetch(
    new Request(`http://edge.test${path}`, {
      method,
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      ...(json ? { body: JSON.stringify(json) } : {}),
    }) as never,
    bindings,
    createExecutionContext(),
  );
const open = async (bytes: number) =>
  createdUploadSchema.parse(await jsonOf(await ask("POST", "/v1/uploads", { bytes })));
const read = async (id: string) => uploadSchema.parse(await jsonOf(await ask("GET", `/v1/uploads/${id}`)));
const complete = (id: string) => ask("POST", `/v1/uploads/${id}/complete`);
const put = async ({ missing_parts }: Upload, part: number, body: Uint8Array<ArrayBuffer>) => {
  const { url } = missing_parts.find((missing) => missing.part === part)!;
  const response = await fetch(url, { method: "PUT", body });
  return { status: response.status, text: await response.text() };
};
const leftOpen = async () => Number(await (await fetch(`${bucketUrl}/_open`)).text());

it("parts go to the links, in any order; what is missing is told with links anew", async () => {
  const bytes = videoBytes(3 * PART + 1000, "bucket");
  const upload = await open(bytes.length);
  expect(upload).toMatchObject({ put_with: "signed_url", parts: 4, part_size_bytes: PART });
  for (const { url } of upload.missing_parts) {
    expect(url.startsWith(`${bucketUrl}/${BUCKET.name}/uploads/${upload.id}?`)).toBe(true);
    expect(url).not.toContain(BUCKET.secretAccessKey);
  }
  const part = (n: number) => bytes.slice((n - 1) * PART, n * PART);
  expect((await put(upload, 4, part(4))).status).toBe(200);
  expect((await put(upload, 1, part(1))).status).toBe(200);
  expect((await put(upload, 2, part(2))).status).toBe(200);
  // The link is good for so many bytes and no others.
  expect(await put(upload, 3, bytes)).toEqual({
    status: 403,
    text: expect.stringContaining("SignatureDoesNotMatch"),
  });
  const problem = await expectProblem(await complete(upload.id), 409, "upload_incomplete");
  expect(problem.detail).toMatch(/: 3\.$/);
  const rest = await read(upload.id);
  expect(rest).toMatchObject({ received_parts: [1, 2, 4], missing_parts: [{ part: 3, bytes: PART }] });
  expect((await put(rest, 3, part(3))).status).toBe(200);
  expect((await read(upload.id)).missing_parts).toEqual([]);

  // The Worker's binding and the bucket's S3 interface are one store, but not here.
  await env.OBJECTS.put(`uploads/${upload.id}`, bytes);
  const completed = uploadSchema.parse(await jsonOf(await complete(upload.id)));
  expect(completed).toMatchObject({ status: "ready", sha256: await sha256Of(bytes) });
  const joined = await fetch(`${bucketUrl}/_objects/uploads/${upload.id}`);
  expect(await sha256Of(new Uint8Array(await joined.arrayBuffer()))).toBe(completed.sha256);
  const check = await ask("POST", "/v1/checks", { upload_id: upload.id, library: "bucket" });
  expect(await jsonOf(check)).toMatchObject({ verdict: "unique", query: { sha256: completed.sha256 } });
});

it("goes on where a request was cut off after the parts had been joined", async () => {
  const bytes = videoBytes(900, "bucket cut off");
  const upload = await open(bytes.length);
  await put(upload, 1, bytes);
  await env.OBJECTS.put(`uploads/${upload.id}`, bytes);
  expect((await complete(upload.id)).status).toBe(200);
  await env.DB.prepare("UPDATE uploads SET status = 'open', sha256 = NULL WHERE id = ?")
    .bind(upload.id)
    .run();
  expect(await jsonOf(await complete(upload.id))).toMatchObject({ status: "ready" });
});

it("takes no parts through the Worker", async () => {
  const { id } = await open(900);
  const problem = await expectProblem(await ask("PUT", `/v1/uploads/${id}/parts/1`), 409, "upload_closed");
  expect(problem.detail).toContain("missing_parts");
});

it("is aborted in the bucket when it is deleted or its time is over", async () => {
  const before = await leftOpen();
  const deleted = await open(900);
  const swept = await open(900);
  expect(await leftOpen()).toBe(before + 2);
  expect((await ask("DELETE", `/v1/uploads/${deleted.id}`)).status).toBe(204);
  expect(await leftOpen()).toBe(before + 1);
  await sweepUploads(requestContextOf(direct, { waitUntil: () => {} }), Date.now() + 25 * 3600_000);
  expect((await ask("GET", `/v1/uploads/${swept.id}`)).status).toBe(404);
  expect(await leftOpen()).toBe(0);
});

it.each([
  ["does not answer", { R2_S3_ENDPOINT: "http://127.0.0.1:1" }],
  ["does not know the key", { R2_SECRET_ACCESS_KEY: "another" }],
])("a bucket that %s: 503, and no secret in it", async (_, changed) => {
  const response = await ask("POST", "/v1/uploads", { bytes: 900 }, { ...direct, ...changed });
  expect(response.headers.get("retry-after")).toBe("5");
  const problem = await expectProblem(response, 503, "backend_unavailable");
  expect(JSON.stringify(problem)).not.toContain("another");
});

it("an endless answer of a bucket is given up", async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  await expect(answerText(new Response(endless))).rejects.toMatchObject({ code: "backend_unavailable" });
});
