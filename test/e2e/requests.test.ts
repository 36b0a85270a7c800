// Requests that are refused before any video is looked at, and who may ask what.

import { openAsBlob } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem, query } from "./api.ts";
import { scene } from "./clips.ts";
import { api, fileUrl, shared } from "./running.ts";

const library = "requests";
const { keys } = shared;
let bytes: Blob;

beforeAll(async () => {
  const file = await scene("valley");
  bytes = await openAsBlob(file);
  await api.addReference(file, { id: "there", library });
});

describe("a body that is not as it must be", () => {
  test.each(["{", "", "{'url': 1}", '{"url": "x"} more'])("no JSON: %s", async (body) => {
    for (const path of ["/v1/checks", "/v1/references", "/check-video-duplicate"]) {
      const answer = await api.ask("POST", path, { bytes: body, type: "application/json" });
      expectProblem(answer, "malformed_json", /valid JSON/);
    }
  });

  test("a field that does not exist", async () => {
    for (const path of ["/v1/checks", "/v1/references"]) {
      const json = { url: fileUrl(await scene("valley")), libary: "default" };
      const problem = expectProblem(await api.ask("POST", path, { json }), "invalid_request", /libary/);
      expect(problem.errors).toHaveLength(1);
    }
    expectProblem(
      await api.ask("POST", `/v1/checks${query({ libary: "x" })}`, { bytes }),
      "invalid_request",
      /libary/,
    );
  });

  test.each([
    { pointer: "/url", json: {} },
    { pointer: "/url", json: { url: 7 } },
    { pointer: "/library", json: { url: "https://example.com/v.mp4", library: "Not A Name" } },
    { pointer: "/index", json: { url: "https://example.com/v.mp4", index: "always" } },
    { pointer: "/metadata", json: { url: "https://example.com/v.mp4", metadata: "text" } },
    {
      pointer: "/metadata",
      json: { url: "https://example.com/v.mp4", metadata: { text: "x".repeat(17_000) } },
    },
  ])("a wrong value is named: $pointer", async ({ pointer, json }) => {
    const problem = expectProblem(
      await api.ask("POST", "/v1/checks", { json }),
      "invalid_request",
      /Correct/,
    );
    expect(problem.errors).toMatchObject([{ pointer, detail: expect.stringMatching(/./) }]);
  });

  test("a content type that is neither JSON nor video", async () => {
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "image/png"]) {
      const answer = await api.ask("POST", "/v1/checks", { bytes, type });
      expectProblem(answer, "unsupported_media_type", /application\/octet-stream/);
    }
  });

  test("more JSON than any request needs", async () => {
    const json = { url: `https://example.com/${"x".repeat(70_000)}` };
    expectProblem(await api.ask("POST", "/v1/checks", { json }), "request_too_large", /65536/);
  });
});

const routes = [
  ["POST", "/v1/checks"],
  ["GET", "/v1/checks/chk_unknown"],
  ["POST", "/v1/references"],
  ["GET", `/v1/references/there?library=${library}`],
  ["DELETE", `/v1/references/there?library=${library}`],
  ["POST", "/check-video-duplicate"],
] as const;

describe.each(routes)("%s %s", (method, path) => {
  const ask = (key: string | null) => api.ask(method, path, { key });

  test("needs a key", async () => {
    const answer = await ask(null);
    expectProblem(answer, "missing_api_key", /Authorization: Bearer/);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test.each([
    { what: "an unknown", key: "tf_dev_wrong" },
    { what: "an expired", key: keys.expired },
    { what: "a revoked", key: keys.revoked },
    { what: "the hash of the", key: "0".repeat(64) },
  ])("refuses $what key", async ({ key }) => {
    const answer = await ask(key);
    expectProblem(answer, "invalid_api_key", /unknown, expired or revoked/);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });
});

describe("a key without the scope", () => {
  test.each([
    { method: "POST", path: "/v1/references", key: keys.onlyChecks, scope: /references:write/ },
    { method: "GET", path: "/v1/references/there", key: keys.onlyChecks, scope: /references:read/ },
    { method: "DELETE", path: "/v1/references/there", key: keys.onlyReading, scope: /references:write/ },
    { method: "POST", path: "/v1/checks", key: keys.onlyReading, scope: /checks:write/ },
    { method: "POST", path: "/check-video-duplicate", key: keys.onlyReading, scope: /checks:write/ },
  ])("may not $method $path", async ({ method, path, key, scope }) => {
    expectProblem(
      await api.ask(method, `${path}${query({ library })}`, { key }),
      "insufficient_scope",
      scope,
    );
  });

  test("may do what it has the scope for", async () => {
    const path = `/v1/references/there${query({ library })}`;
    expect((await api.ask("GET", path, { key: keys.onlyReading })).status).toBe(200);
    const check = await api.ask("POST", `/v1/checks${query({ library })}`, { key: keys.onlyChecks, bytes });
    expect(check).toMatchObject({ status: 200, body: { duplicate_for: "there" } });
  });
});

test("another tenant sees neither references nor checks, and gets other verdicts", async () => {
  const key = keys.otherTenant;
  const own = await api.check(await scene("valley"), { library });
  expect(own.duplicate_for).toBe("there");
  const reference = `/v1/references/there${query({ library })}`;
  expectProblem(await api.ask("GET", reference, { key }), "reference_not_found", /"there"/);
  expectProblem(await api.ask("DELETE", reference, { key }), "reference_not_found", /"there"/);
  expectProblem(await api.ask("GET", `/v1/checks/${own.id}`, { key }), "check_not_found", /chk_/);
  const check = await api.ask("POST", `/v1/checks${query({ library })}`, { key, bytes });
  expect(check).toMatchObject({ status: 200, body: { verdict: "unique", matches: [] } });
  expect((await api.ask("GET", reference)).status).toBe(200);
});

describe("what does not exist", () => {
  test.each(["/", "/v1", "/v1/refs", "/v1/checks/a/b", "/internal/analyses/x"])("%s", async (path) => {
    expectProblem(await api.ask("GET", path), "not_found", /check the path/);
  });

  test.each([
    { method: "PUT", path: "/v1/checks", allowed: "GET, POST" },
    { method: "DELETE", path: "/v1/references", allowed: "GET, POST" },
    { method: "PATCH", path: "/v1/checks/chk_x", allowed: "GET, DELETE" },
    { method: "PUT", path: "/v1/references/x", allowed: "GET, PATCH, DELETE" },
    { method: "GET", path: "/check-video-duplicate", allowed: "POST" },
    { method: "POST", path: "/readyz", allowed: "GET" },
  ])("$method $path", async ({ method, path, allowed }) => {
    const answer = await api.ask(method, path);
    expectProblem(answer, "method_not_allowed", /Use/);
    expect(answer.headers.get("allow")).toBe(allowed);
  });
});
