import { describe, expect, it } from "vitest";
import { ask, expectProblem, storedObjects } from "./client.ts";
import { videoBytes } from "./video-bytes.ts";

const url = "https://example.com/a.mp4";

describe("JSON bodies", () => {
  it.each([
    ["/v1/checks", { url, extra: 1 }, "/"],
    ["/v1/checks", {}, "/url"],
    ["/v1/checks", { url: 5 }, "/url"],
    ["/v1/checks", { url, library: "No Such Name" }, "/library"],
    ["/v1/checks", { url, index: "always" }, "/index"],
    ["/v1/checks", { url, metadata: [] }, "/metadata"],
    ["/v1/checks", { url, metadata: { a: "x".repeat(17_000) } }, "/metadata"],
    ["/v1/references", { url, id: "../x" }, "/id"],
    ["/v1/references", { url, index: "never" }, "/"],
    ["/v1/references", [], "/"],
    ["/check-video-duplicate", { link: url }, "/url"],
  ])("%s refuses %j", async (path, json, pointer) => {
    const problem = await expectProblem(await ask(path, { json }), 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it.each(['{"url":', "", "\u0000", '{"url": "x"} trailing'])("malformed: %j", async (bytes) => {
    const headers = { "content-type": "application/json" };
    for (const path of ["/v1/checks", "/v1/libraries"])
      await expectProblem(await ask(path, { bytes, headers, method: "POST" }), 400, "malformed_json");
  });

  it.each([
    ["/v1/checks", { url, metadata: { a: "x".repeat(70_000) } }],
    ["/v1/libraries", { name: "too-large", description: "x".repeat(70_000) }],
  ])("%s refuses more than 64 KiB", async (path, json) => {
    await expectProblem(await ask(path, { json }), 413, "request_too_large");
  });

  it("are read as JSON whatever their content type", async () => {
    const headers = { "content-type": "text/plain" };
    const bytes = JSON.stringify({ name: "of-another-type" });
    expect((await ask("/v1/libraries", { bytes, headers })).status).toBe(201);
  });

  it.each([
    ["ftp://example.com/a.mp4", 400, "invalid_url"],
    ["nonsense", 400, "invalid_url"],
    ["http://127.0.0.1:1/a.mp4", 403, "source_address_refused"],
    ["http://169.254.169.254/latest/meta-data", 403, "source_address_refused"],
  ])("the URL %s, also when nobody waits", async (bad, status, code) => {
    await expectProblem(await ask("/v1/checks", { json: { url: bad } }), status, code);
    const headers = { prefer: "wait=0" };
    await expectProblem(await ask("/v1/checks", { json: { url: bad }, headers }), status, code);
    await expectProblem(await ask("/v1/references", { json: { url: bad } }), status, code);
  });
});

describe("uploads", () => {
  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])(
    "the content type %j",
    async (type) => {
      const ofType = ask("/v1/checks", { bytes: videoBytes(100, "t"), headers: { "content-type": type } });
      await expectProblem(await ofType, 415, "unsupported_media_type");
    },
  );

  it.each([
    ["/v1/checks?index=sometimes", "/index"],
    ["/v1/checks?id=x", "/"],
    ["/v1/references?library=A", "/library"],
    ["/v1/references?metadata=nonsense", "/metadata"],
    ["/v1/references?metadata=[]", "/metadata"],
  ])("%s", async (path, pointer) => {
    const response = await ask(path, { bytes: videoBytes(100, "q") });
    const problem = await expectProblem(response, 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(await storedObjects()).toEqual([]);
  });

  it("no bytes at all", async () => {
    const headers = { "content-type": "video/mp4" };
    await expectProblem(await ask("/v1/checks", { method: "POST", headers }), 422, "empty_video");
  });

  it("no video", async () => {
    const problem = await expectProblem(
      await ask("/v1/references", { bytes: "<html>SECRET" }),
      415,
      "not_a_video",
    );
    expect(problem.detail).toContain("an HTML page");
    expect(problem.detail).not.toContain("SECRET");
  });
});

describe("lists", () => {
  it.each(["limit=0", "limit=x", "other=1"])("refuse ?%s", async (query) => {
    await expectProblem(await ask(`/v1/checks?${query}`), 400, "invalid_request");
  });

  it("take the first of a parameter that comes several times", async () => {
    expect((await ask("/v1/checks?limit=1&limit=x")).status).toBe(200);
    await expectProblem(await ask("/v1/checks?limit=x&limit=1"), 400, "invalid_request");
  });
});

describe("addresses of the API", () => {
  it.each([
    ["GET", "/nothing", 404, "not_found"],
    ["GET", "/v1", 404, "not_found"],
    ["GET", "/v1/references/a/b", 404, "not_found"],
    ["GET", "/v1/checks/chk_none", 404, "check_not_found"],
    ["GET", "/v1/references/none", 404, "reference_not_found"],
    ["DELETE", "/v1/references/none", 404, "reference_not_found"],
    ["PUT", "/v1/references/none", 405, "method_not_allowed"],
    ["PUT", "/v1/references", 405, "method_not_allowed"],
    ["PATCH", "/v1/checks/x", 405, "method_not_allowed"],
    ["GET", "/check-video-duplicate", 405, "method_not_allowed"],
    ["POST", "/readyz", 405, "method_not_allowed"],
    ["OPTIONS", "/v1/libraries/default", 405, "method_not_allowed"],
    ["PUT", "/v1/admin/index", 405, "method_not_allowed"],
    ["GET", "/internal/objects/intake/x", 401, "bad_signature"],
  ])("%s %s", async (method, path, status, code) => {
    const response = await ask(path, { method });
    expect(response.headers.get("cache-control")).toBe("no-store");
    if (status === 405) expect(response.headers.get("allow")).not.toBeNull();
    await expectProblem(response, status, code);
  });

  it("name the methods that they have", async () => {
    const { headers } = await ask("/v1/references/none", { method: "PUT" });
    expect(headers.get("allow")).toBe("GET, PATCH, DELETE");
  });
});
