import { createExecutionContext } from "cloudflare:test";
import { createdUploadSchema, uploadSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import {
  type Ask,
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
  storedObjects,
} from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { API_KEY, MAX_BYTES } from "../../test/settings.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";
import worker from "../index.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { sweepUploads } from "./remove.ts";

const MIB = 1024 * 1024;
const PART = 5 * MIB;

const open = async (json: object, options: Ask = {}) =>
  createdUploadSchema.parse(await jsonOf(await ask("/v1/uploads", { json, ...options })));
const put = (id: string, part: number, bytes: BodyInit) =>
  ask(`/v1/uploads/${id}/parts/${part}`, { method: "PUT", bytes });
const complete = (id: string, key?: string) =>
  ask(`/v1/uploads/${id}/complete`, { method: "POST", ...(key ? { key } : {}) });
const read = async (id: string) => uploadSchema.parse(await jsonOf(await ask(`/v1/uploads/${id}`)));
const objectOf = (id: string) => env.OBJECTS.get(`uploads/${id}`);
const sweep = (nowMs: number) =>
  sweepUploads(
    requestContextOf(env, { waitUntil: (work) => void work.catch((error) => console.error(error)) }),
    nowMs,
  );

/** An upload whose bytes are all there. */
async function sent(bytes: Uint8Array<ArrayBuffer>, fields: object = {}): Promise<string> {
  const { id } = await open({ bytes: bytes.length, ...fields });
  for (let part = 1; (part - 1) * PART < bytes.length; part++) {
    expect((await put(id, part, bytes.slice((part - 1) * PART, part * PART))).status).toBe(204);
  }
  return id;
}
async function uploaded(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const id = await sent(bytes);
  expect((await complete(id)).status).toBe(200);
  return id;
}

describe("an upload", () => {
  it("takes its parts in any order, again too, and is one object in the end", async () => {
    const bytes = videoBytes(12 * MIB, "parts");
    const response = await ask("/v1/uploads", { json: { bytes: bytes.length, content_type: "video/mp4" } });
    expect(response.status).toBe(201);
    const upload = createdUploadSchema.parse(await jsonOf(response));
    const { id } = upload;
    expect(response.headers.get("location")).toBe(`/v1/uploads/${id}`);
    const url = (part: number) => `/v1/uploads/${id}/parts/${part}`;
    expect(upload).toMatchObject({
      status: "open",
      bytes: 12 * MIB,
      content_type: "video/mp4",
      sha256: null,
      known: null,
      part_size_bytes: PART,
      parts: 3,
      received_parts: [],
      put_with: "api_key",
      missing_parts: [
        { part: 1, bytes: PART, url: url(1) },
        { part: 2, bytes: PART, url: url(2) },
        { part: 3, bytes: 2 * MIB, url: url(3) },
      ],
    });
    expect(Date.parse(upload.expires_at) - Date.parse(upload.created_at)).toBe(24 * 3600_000);

    expect((await put(id, 3, bytes.slice(2 * PART))).status).toBe(204);
    expect((await put(id, 1, videoBytes(PART, "another first part"))).status).toBe(204);
    expect(await read(id)).toMatchObject({ received_parts: [1, 3], missing_parts: [{ part: 2 }] });
    const problem = await expectProblem(await complete(id), 409, "upload_incomplete");
    expect(problem.detail).toMatch(/: 2\.$/);
    await put(id, 1, bytes.slice(0, PART));
    await put(id, 2, bytes.slice(PART, 2 * PART));

    const completed = uploadSchema.parse(await jsonOf(await complete(id)));
    const sha256 = await sha256Of(bytes);
    expect(completed).toMatchObject({
      status: "ready",
      sha256,
      received_parts: [1, 2, 3],
      missing_parts: [],
    });
    const stored = new Uint8Array(await (await objectOf(id))!.arrayBuffer());
    expect(await sha256Of(stored)).toBe(sha256);
    expect(await read(id)).toEqual(completed);
    expect(await jsonOf(await complete(id))).toEqual(completed);
    await expectProblem(await put(id, 1, bytes.slice(0, PART)), 409, "upload_closed");
  });

  it("is checked and added by its id, as often as wanted", async () => {
    const bytes = videoBytes(6 * MIB, "used");
    const upload_id = await uploaded(bytes);
    const sha256 = await sha256Of(bytes);
    const library = "uploaded";
    for (let i = 0; i < 2; i++) {
      const check = await jsonOf(await ask("/v1/checks", { json: { upload_id, library } }));
      expect(check).toMatchObject({ verdict: "unique", query: { sha256 } });
    }
    expect((await backendSeen(library)).calls).toHaveLength(2);
    const added = await ask("/v1/references", { json: { upload_id, library, id: "a" } });
    expect(added.status).toBe(201);
    expect(await jsonOf(added)).toMatchObject({ id: "a", sha256, status: "ready" });
    expect((await ask("/v1/references", { json: { upload_id, library, id: "a" } })).status).toBe(200);
    const later = await jsonOf(await ask("/v1/checks", { json: { upload_id, library } }));
    expect(later).toMatchObject({ found_by: "exact_bytes", duplicate_for: "a" });
    const row = await env.DB.prepare("SELECT source, object_key FROM library_references WHERE library = ?")
      .bind(library)
      .first();
    expect(row).toEqual({ source: '{"kind":"upload"}', object_key: null });
    await ask(`/v1/references/a?library=${library}`, { method: "DELETE" });
    // A check that fails drops what it has received: not this.
    await ask("/v1/checks", { json: { upload_id, library: "broken-uploaded" } });
    expect((await read(upload_id)).status).toBe("ready");
    expect((await objectOf(upload_id))?.size).toBe(bytes.length);
  });

  it("goes on where a request was cut off after the parts had been joined", async () => {
    const bytes = videoBytes(6 * MIB, "cut off");
    const id = await sent(bytes);
    const row = await env.DB.prepare("SELECT * FROM uploads WHERE id = ?").bind(id).first<{
      object_key: string;
      multipart_id: string;
    }>();
    const { results } = await env.DB.prepare("SELECT * FROM upload_parts WHERE upload_id = ?")
      .bind(id)
      .all<{ part: number; etag: string }>();
    await env.OBJECTS.resumeMultipartUpload(row!.object_key, row!.multipart_id).complete(
      results.map(({ part, etag }) => ({ partNumber: part, etag })),
    );
    expect((await jsonOf(await complete(id))).sha256).toBe(await sha256Of(bytes));
  });

  it("keeps the originals of its references where that is wanted, beside itself", async () => {
    const bytes = videoBytes(900, "kept upload");
    const upload_id = await uploaded(bytes);
    const keeping = { ...env, KEEP_ORIGINALS: "true" };
    const send = (method: string, path: string, json?: object) =>
      worker.fetch(
        new Request(`http://edge.test${path}`, {
          method,
          headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
          ...(json ? { body: JSON.stringify(json) } : {}),
        }) as never,
        keeping,
        createExecutionContext(),
      );
    const library = "kept-upload";
    expect((await send("POST", "/v1/references", { upload_id, library, id: "a" })).status).toBe(201);
    const kept = async () => (await storedObjects()).filter((key) => key.startsWith("references/"));
    const [original] = await kept();
    expect(new Uint8Array(await (await env.OBJECTS.get(original!))!.arrayBuffer())).toEqual(bytes);
    expect((await send("DELETE", `/v1/references/a?library=${library}`)).status).toBe(204);
    await eventually(async () => (await kept()).length === 0);
    expect(await objectOf(upload_id)).not.toBeNull();
  });
});

describe("what is known before a byte is sent", () => {
  it("the reference that has the declared bytes", async () => {
    const bytes = videoBytes(900, "known");
    const sha256 = await sha256Of(bytes);
    const library = "known";
    const request = { bytes: bytes.length, sha256, library };
    expect((await open(request)).known).toBeNull();
    await ask(`/v1/references?library=${library}&id=a`, { bytes });
    expect((await open(request)).known).toMatchObject({ reference_id: "a", verdict: "duplicate", score: 1 });
    expect((await open({ ...request, library: "another" })).known).toBeNull();
    const key = await makeKey(["checks:write"], { tenant: "knowing" });
    expect((await open(request, { key })).known).toBeNull();
  });

  it("a check by the hash alone finds it, and nothing else", async () => {
    const bytes = videoBytes(900, "by hash");
    const sha256 = await sha256Of(bytes);
    const library = "by-hash";
    const json = { sha256, library };
    await expectProblem(await ask("/v1/checks", { json }), 422, "content_unknown");
    await ask(`/v1/references?library=${library}&id=a`, { bytes });
    const before = (await backendSeen(library)).calls.length;
    const check = await jsonOf(await ask("/v1/checks", { json: { ...json, index: "if_unique" } }));
    expect(check).toMatchObject({
      status: "completed",
      verdict: "duplicate",
      found_by: "exact_bytes",
      duplicate_for: "a",
      query: { sha256 },
      indexed_as: null,
      action: "block",
    });
    expect(await jsonOf(await ask(`/v1/checks/${check.id}`))).toEqual(check);
    expect((await backendSeen(library)).calls).toHaveLength(before);
    const other = { sha256, library: "by-hash-other" };
    await expectProblem(await ask("/v1/checks", { json: other }), 422, "content_unknown");
    const key = await makeKey(["checks:write"], { tenant: "hashing" });
    await expectProblem(await ask("/v1/checks", { json, key }), 422, "content_unknown");
    // A reference is made of bytes, never of what is said of them.
    const problem = await expectProblem(await ask("/v1/references", { json }), 400, "invalid_request");
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain("/url");
  });
});

describe("what an upload is not", () => {
  it.each([
    ["the declared bytes", videoBytes(900, "declared"), { sha256: "0".repeat(64) }, 422, "sha256_mismatch"],
    ["a video", new TextEncoder().encode("<html>no") as Uint8Array<ArrayBuffer>, {}, 415, "not_a_video"],
  ])("%s: it fails for good", async (_, bytes, fields, status, code) => {
    const upload_id = await sent(bytes, fields);
    await expectProblem(await complete(upload_id), status, code);
    expect(await read(upload_id)).toMatchObject({ status: "failed", sha256: null, problem: { code } });
    await expectProblem(await complete(upload_id), status, code);
    await expectProblem(await ask("/v1/checks", { json: { upload_id } }), status, code);
    await expectProblem(await ask("/v1/references", { json: { upload_id } }), status, code);
    expect(await objectOf(upload_id)).toBeNull();
  });

  it("complete: it cannot be used yet", async () => {
    const upload_id = await sent(videoBytes(900, "not yet"));
    for (const path of ["/v1/checks", "/v1/references"]) {
      await expectProblem(await ask(path, { json: { upload_id } }), 409, "upload_incomplete");
    }
  });

  it("what was noted of its parts: they are to be sent again, and then it is", async () => {
    const bytes = videoBytes(900, "noted");
    const id = await sent(bytes);
    await env.DB.prepare("UPDATE upload_parts SET etag = ? WHERE upload_id = ?")
      .bind("0".repeat(32), id)
      .run();
    const problem = await expectProblem(await complete(id), 409, "upload_incomplete");
    expect(problem.detail).toContain("again");
    await put(id, 1, bytes);
    expect((await complete(id)).status).toBe(200);
  });

  it("of other sizes than it said", async () => {
    const { id } = await open({ bytes: PART + 100 });
    for (const bytes of [PART - 1, PART + 1, 24]) {
      await expectProblem(await put(id, 1, videoBytes(bytes, "s")), 422, "part_size_mismatch");
    }
    const chunked = (bytes: number) =>
      new Response(videoBytes(bytes, "c")).body!.pipeThrough(new TransformStream());
    for (const bytes of [99, 101]) {
      await expectProblem(await put(id, 2, chunked(bytes)), 422, "part_size_mismatch");
    }
    expect((await read(id)).received_parts).toEqual([]);
    expect((await put(id, 2, chunked(100))).status).toBe(204);
    for (const part of [0, 3, 99_999, 1.5]) {
      await expectProblem(await put(id, part, videoBytes(100, "p")), 400, "invalid_request");
    }
  });
});

describe("the end of an upload", () => {
  it.each(["open", "ready"])("deleting an %s one", async (status) => {
    const bytes = videoBytes(900, `deleting ${status}`);
    const id = status === "open" ? await sent(bytes) : await uploaded(bytes);
    expect((await ask(`/v1/uploads/${id}`, { method: "DELETE" })).status).toBe(204);
    await expectProblem(await ask(`/v1/uploads/${id}`), 404, "upload_not_found");
    await expectProblem(await ask(`/v1/uploads/${id}`, { method: "DELETE" }), 404, "upload_not_found");
    await expectProblem(await ask("/v1/checks", { json: { upload_id: id } }), 404, "upload_not_found");
    expect(await objectOf(id)).toBeNull();
    const left = await env.DB.prepare("SELECT * FROM upload_parts WHERE upload_id = ?").bind(id).all();
    expect(left.results).toEqual([]);
  });

  it.each(["check", "reference"])("a %s under way outlives it", async (kind) => {
    const library = `gated-outlives-${kind}`;
    const upload_id = await uploaded(videoBytes(900, library));
    const headers = { prefer: "wait=0" };
    const response = await ask(`/v1/${kind}s`, { json: { upload_id, library }, headers });
    expect(response.status).toBe(202);
    expect((await ask(`/v1/uploads/${upload_id}`, { method: "DELETE" })).status).toBe(204);
    await expectProblem(await ask(`/v1/uploads/${upload_id}`), 404, "upload_not_found");
    const later = Date.now() + 3600_000;
    await sweep(later);
    expect(await objectOf(upload_id)).not.toBeNull();
    await openGate(library);
    await eventually(async () => {
      const { status } = await jsonOf(await ask(response.headers.get("location")!));
      return status === "completed" || status === "ready";
    });
    await sweep(later);
    expect(await objectOf(upload_id)).toBeNull();
  });

  it("does not come with that of a reference which was still being added", async () => {
    const library = "gated-forgotten-upload";
    const upload_id = await uploaded(videoBytes(900, library));
    const headers = { prefer: "wait=0" };
    await ask("/v1/references", { json: { upload_id, library, id: "a" }, headers });
    const deleted = () =>
      env.DB.prepare("SELECT object_key FROM deleted_references WHERE library = ?").bind(library).first();
    await ask(`/v1/references/a?library=${library}`, { method: "DELETE" });
    await openGate(library);
    await eventually(async () => (await deleted()) === null);
    expect((await backendSeen(library)).calls.some(({ method }) => method === "DELETE")).toBe(true);
    expect(await objectOf(upload_id)).not.toBeNull();
  });

  it("comes by itself, with what was sent", async () => {
    const left = await sent(videoBytes(900, "left"));
    const kept = await uploaded(videoBytes(900, "left too"));
    const row = await env.DB.prepare("SELECT * FROM uploads WHERE id = ?").bind(left).first<{
      object_key: string;
      multipart_id: string;
    }>();
    const dayMs = 24 * 3600_000;
    await sweep(Date.now() + dayMs / 2);
    expect((await read(left)).status).toBe("open");
    expect((await read(kept)).status).toBe("ready");
    await sweep(Date.now() + dayMs + 3600_000);
    for (const id of [left, kept]) {
      await expectProblem(await ask(`/v1/uploads/${id}`), 404, "upload_not_found");
      expect(await objectOf(id)).toBeNull();
    }
    const multipart = env.OBJECTS.resumeMultipartUpload(row!.object_key, row!.multipart_id);
    await expect(multipart.uploadPart(1, "x")).rejects.toThrow();
  });

  it("is felt before the sweep comes", async () => {
    const upload_id = await uploaded(videoBytes(900, "expired"));
    await env.DB.prepare("UPDATE uploads SET expires_at = ? WHERE id = ?")
      .bind(new Date(Date.now() - 1).toISOString(), upload_id)
      .run();
    await expectProblem(await ask("/v1/checks", { json: { upload_id } }), 404, "upload_not_found");
    await expectProblem(await complete(upload_id), 404, "upload_not_found");
  });
});

describe("what is refused", () => {
  it("whoever lacks the scope", async () => {
    const key = await makeKey(["references:write", "libraries:manage"], { tenant: "default" });
    const one = `/v1/uploads/upl_${"0".repeat(26)}`;
    for (const [method, path] of [
      ["POST", "/v1/uploads"],
      ["GET", one],
      ["DELETE", one],
      ["PUT", `${one}/parts/1`],
      ["POST", `${one}/complete`],
    ] as const) {
      await expectProblem(await ask(path, { method, key }), 403, "insufficient_scope");
      await expectProblem(await ask(path, { method, key: null }), 401, "missing_api_key");
    }
  });

  it("whatever another tenant does with the id", async () => {
    const upload_id = await uploaded(videoBytes(900, "mine"));
    const key = await makeKey(["checks:write", "references:write"], { tenant: "stranger" });
    const path = `/v1/uploads/${upload_id}`;
    const asked = [
      ask(path, { key }),
      ask(path, { key, method: "DELETE" }),
      ask(`${path}/parts/1`, { key, method: "PUT", bytes: "x" }),
      complete(upload_id, key),
      ask("/v1/checks", { key, json: { upload_id } }),
      ask("/v1/references", { key, json: { upload_id } }),
    ];
    const unknown = `upl_${"0".repeat(26)}`;
    const stranger = await expectProblem(await ask(`/v1/uploads/${unknown}`), 404, "upload_not_found");
    for (const response of await Promise.all(asked)) {
      const { detail } = await expectProblem(response, 404, "upload_not_found");
      expect(detail).toBe(stranger.detail.replace(unknown, upload_id));
    }
    expect((await read(upload_id)).status).toBe("ready");
  });

  it("more uploads at once than a tenant may have", async () => {
    const key = await makeKey(["checks:write"], { tenant: "crowded" });
    const limited = { ...env, UPLOAD_MAX_OPEN: "1" };
    const begin = () =>
      worker.fetch(
        new Request("http://edge.test/v1/uploads", {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          body: '{"bytes":900}',
        }) as never,
        limited,
        createExecutionContext(),
      );
    const first = await begin();
    expect(first.status).toBe(201);
    await expectProblem(await begin(), 409, "too_many_uploads");
    await ask(`/v1/uploads/${(await jsonOf(first)).id}`, { method: "DELETE", key });
    expect((await begin()).status).toBe(201);
  });

  it.each([
    [{}, "/bytes"],
    [{ bytes: 0 }, "/bytes"],
    [{ bytes: 1.5 }, "/bytes"],
    [{ bytes: 1, sha256: "A" }, "/sha256"],
    [{ bytes: 1, content_type: "text/html" }, "/content_type"],
    [{ bytes: 1, library: "A" }, "/library"],
    [{ bytes: 1, other: 1 }, "/"],
  ])("beginning with %j", async (json, pointer) => {
    const problem = await expectProblem(await ask("/v1/uploads", { json }), 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it("one larger than allowed", async () => {
    const json = { bytes: MAX_BYTES + 1 };
    await expectProblem(await ask("/v1/uploads", { json }), 413, "video_too_large");
  });

  it.each([
    ["/v1/checks", { upload_id: "upl_1" }, "/upload_id"],
    ["/v1/checks", { upload_id: 1 }, "/upload_id"],
    ["/v1/checks", { sha256: "x" }, "/sha256"],
    ["/v1/checks", { sha256: "0".repeat(64), upload_id: `upl_${"0".repeat(26)}` }, "/"],
    ["/v1/checks", { url: "https://example.com/a.mp4", sha256: "0".repeat(64) }, "/"],
    ["/v1/references", { url: "https://example.com/a.mp4", upload_id: `upl_${"0".repeat(26)}` }, "/"],
  ])("%s with %j", async (path, json, pointer) => {
    const problem = await expectProblem(await ask(path, { json }), 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it.each([
    ["GET", "/v1/uploads", 405, "method_not_allowed"],
    ["GET", "/v1/uploads/%00", 404, "upload_not_found"],
    ["GET", "/v1/uploads/%ff", 404, "upload_not_found"],
    ["PATCH", "/v1/uploads/x", 405, "method_not_allowed"],
    ["PUT", "/v1/uploads/x/parts/1", 404, "upload_not_found"],
    ["PUT", "/v1/uploads/x/parts/-1", 400, "invalid_request"],
    ["PUT", "/v1/uploads/x/parts/%00", 400, "invalid_request"],
    ["GET", "/v1/uploads/x/parts/1", 405, "method_not_allowed"],
    ["POST", "/v1/uploads/x/complete", 404, "upload_not_found"],
    ["GET", "/v1/uploads/x/complete", 405, "method_not_allowed"],
  ])("%s %s", async (method, path, status, code) => {
    await expectProblem(await ask(path, { method }), status, code);
  });

  it("an id of any length", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await ask(`/v1/uploads/${"x".repeat(5000)}`, { method });
      await expectProblem(response, 404, "upload_not_found");
    }
  });
});
