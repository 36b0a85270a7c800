import { describe, expect, it } from "vitest";
import { ask, env, expectProblem, jsonOf } from "./client.ts";
import { API_KEY } from "./settings.ts";
import { sha256Of, videoBytes } from "./video-bytes.ts";

interface KeyOptions {
  tenant?: string;
  expires?: string;
  revoked?: string;
}

async function makeKey(
  name: string,
  scopes: string[],
  { tenant = "acme", expires, revoked }: KeyOptions = {},
) {
  const hash = await sha256Of(new TextEncoder().encode(name) as Uint8Array<ArrayBuffer>);
  await env.DB.prepare("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)")
    .bind(hash, tenant, JSON.stringify(scopes), expires ?? null, revoked ?? null, new Date().toISOString())
    .run();
  return name;
}

const past = "2020-01-01T00:00:00.000Z";
const future = "2099-01-01T00:00:00.000Z";

describe("keys", () => {
  it("a missing one", async () => {
    const response = await ask("/v1/checks/chk_1", { key: null });
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    await expectProblem(response, 401, "missing_api_key");
  });

  it.each(["wrong", `${API_KEY}x`, API_KEY.slice(1), ""])("a wrong one: %j", async (key) => {
    await expectProblem(await ask("/v1/checks/chk_1", { key }), 401, "invalid_api_key");
  });

  it("another scheme", async () => {
    const headers = { authorization: `Basic ${API_KEY}` };
    await expectProblem(await ask("/v1/checks/chk_1", { key: null, headers }), 401, "invalid_api_key");
  });

  it("expired, revoked, still good", async () => {
    const expired = await makeKey("expired", ["admin"], { expires: past });
    const revoked = await makeKey("revoked", ["admin"], { revoked: past });
    const good = await makeKey("good", ["admin"], { expires: future });
    await expectProblem(await ask("/v1/checks/chk_1", { key: expired }), 401, "invalid_api_key");
    await expectProblem(await ask("/v1/checks/chk_1", { key: revoked }), 401, "invalid_api_key");
    await expectProblem(await ask("/v1/checks/chk_1", { key: good }), 404, "check_not_found");
  });

  it("a refused upload is answered without being read", async () => {
    const response = await ask("/v1/checks", { key: "wrong", bytes: videoBytes(1_000_000, "refused") });
    await expectProblem(response, 401, "invalid_api_key");
  });
});

describe("scopes", () => {
  it.each([
    ["POST", "/v1/checks", "checks:write", ["references:read", "references:write"]],
    ["GET", "/v1/checks/x", "checks:write", ["references:read"]],
    ["POST", "/check-video-duplicate", "checks:write", ["references:write"]],
    ["POST", "/v1/references", "references:write", ["references:read", "checks:write"]],
    ["GET", "/v1/references/x", "references:read", ["references:write"]],
    ["DELETE", "/v1/references/x", "references:write", ["references:read"]],
    ["GET", "/v1/checks", "checks:write", ["references:read"]],
    ["DELETE", "/v1/checks/x", "checks:write", ["references:write"]],
    ["POST", "/v1/checks/x/cancel", "checks:write", ["references:write"]],
    ["GET", "/v1/checks/x/events", "checks:write", ["references:read"]],
    ["POST", "/v1/checks/x/decision", "checks:write", ["references:write"]],
    ["GET", "/v1/checks/x/decisions", "checks:write", ["references:read"]],
    ["GET", "/v1/references", "references:read", ["references:write", "checks:write"]],
    ["PATCH", "/v1/references/x", "references:write", ["references:read"]],
    ["POST", "/v1/references/x/disable", "references:write", ["references:read"]],
    ["POST", "/v1/references/x/enable", "references:write", ["references:read"]],
    ["POST", "/v1/imports", "references:write", ["references:read"]],
    ["GET", "/v1/imports", "references:read", ["checks:write"]],
    ["GET", "/v1/imports/x", "references:read", ["checks:write"]],
    ["GET", "/v1/imports/x/lines", "references:read", ["checks:write"]],
    ["POST", "/v1/imports/x/cancel", "references:write", ["references:read"]],
  ])("%s %s needs %s", async (method, path, needed, others) => {
    const under = await makeKey(`under ${method} ${path}`.replaceAll(" ", "_"), others);
    const refused = await expectProblem(await ask(path, { method, key: under }), 403, "insufficient_scope");
    expect(refused.detail).toContain(needed);
    for (const scope of [needed, "admin"]) {
      const key = await makeKey(`${scope}_${method}_${path}`, [scope]);
      expect((await ask(path, { method, key })).status).not.toBe(403);
    }
  });
});

it("another tenant's ids are unknown", async () => {
  const acme = await makeKey("acme", ["admin"], { tenant: "acme" });
  const other = await makeKey("other", ["admin"], { tenant: "other" });
  const bytes = videoBytes(3000, "tenants");
  expect((await ask("/v1/references?id=mine", { key: acme, bytes })).status).toBe(201);
  const check = await jsonOf(await ask("/v1/checks", { key: acme, bytes }));
  expect(check.duplicate_for).toBe("mine");

  await expectProblem(await ask("/v1/references/mine", { key: other }), 404, "reference_not_found");
  await expectProblem(
    await ask("/v1/references/mine", { key: other, method: "DELETE" }),
    404,
    "reference_not_found",
  );
  await expectProblem(await ask(`/v1/checks/${check.id}`, { key: other }), 404, "check_not_found");
  expect((await jsonOf(await ask("/v1/checks", { key: other, bytes }))).verdict).toBe("unique");
  expect((await ask("/v1/references/mine", { key: acme })).status).toBe(200);
});
