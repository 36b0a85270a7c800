import { createExecutionContext } from "cloudflare:test";
import { idOfApiKey } from "@twinframe/shared/api-key";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, env, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { API_KEY } from "../../test/settings.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { app } from "../app.ts";
import { networkOf } from "./network.ts";

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
    const expired = await makeKey(["admin"], { expires: past });
    const revoked = await makeKey(["admin"], { revoked: past });
    const good = await makeKey(["admin"], { expires: future });
    await expectProblem(await ask("/v1/checks/chk_1", { key: expired }), 401, "invalid_api_key");
    await expectProblem(await ask("/v1/checks/chk_1", { key: revoked }), 401, "invalid_api_key");
    await expectProblem(await ask("/v1/checks/chk_1", { key: good }), 404, "check_not_found");
  });

  it("a refused upload is answered without being read", async () => {
    const response = await ask("/v1/checks", { key: "wrong", bytes: videoBytes(1_000_000, "refused") });
    await expectProblem(response, 401, "invalid_api_key");
  });
});

describe("wrong keys from one network", () => {
  const { AUTH_FAILURES_PER_MINUTE: _, ...shipped } = env;
  const from = async (address: string, key: string) => {
    const headers = { authorization: `Bearer ${key}`, "cf-connecting-ip": address };
    const request = new Request("http://edge.test/v1/checks/chk_1", { headers });
    return app.fetch(request, shipped, createExecutionContext());
  };
  const wrong = (n: number) => `tf_${"0".repeat(26)}_${String(n).padStart(40, "0")}`;

  beforeEach(() => {
    // Ten seconds into a minute.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2031, 4, 6, 12, 0, 10) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are not looked up after the sixtieth of a minute; keys that were right go on, and so do other networks", async () => {
    const known = await makeKey(["admin"]);
    const fresh = await makeKey(["admin"]);
    expect((await from("198.51.100.1", known)).status).toBe(404);
    for (let n = 0; n < 60; n++)
      await expectProblem(await from(`198.51.100.${n}`, wrong(n)), 401, "invalid_api_key");
    const refused = await from("198.51.100.200", wrong(60));
    expect(refused.headers.get("retry-after")).toBe("50");
    const { detail } = await expectProblem(refused, 429, "rate_limited");
    expect(detail).toContain("wrong API keys");
    expect((await from("198.51.100.7", known)).status).toBe(404);
    await expectProblem(await from("198.51.101.1", wrong(61)), 401, "invalid_api_key");
    await expectProblem(await from("2001:db8:1::1", wrong(62)), 401, "invalid_api_key");

    // A key that was not seen before waits for one of the looks that there are all the same, a second apart.
    await expectProblem(await from("198.51.100.7", fresh), 429, "rate_limited");
    vi.setSystemTime(Date.now() + 1000);
    expect((await from("198.51.100.7", fresh)).status).toBe(404);
    await expectProblem(await from("198.51.100.7", wrong(63)), 429, "rate_limited");
    vi.setSystemTime(Date.UTC(2031, 4, 6, 12, 1));
    await expectProblem(await from("198.51.100.7", wrong(64)), 401, "invalid_api_key");
  });

  it("a key that was right and is revoked is looked up no more often than others", async () => {
    const key = await makeKey(["admin"]);
    expect((await from("203.0.113.1", key)).status).toBe(404);
    await env.DB.prepare("UPDATE keys SET revoked_at = ? WHERE id = ?").bind(past, idOfApiKey(key)).run();
    for (let n = 0; n < 60; n++) await from("203.0.113.1", key);
    await expectProblem(await from("203.0.113.1", key), 429, "rate_limited");
  });

  it.each([
    ["192.0.2.77", "192.0.2.0/24"],
    ["2001:db8:85a3:1:2::7", "2001:db8:85a3::/48"],
    ["2001:db8::1", "2001:db8:0::/48"],
    ["::ffff:192.0.2.77", "192.0.2.0/24"],
    ["nonsense", "none"],
    [undefined, "none"],
  ])("%s is of %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

it("another tenant's ids are unknown", async () => {
  const acme = await makeKey(["admin"], { tenant: "acme" });
  const other = await makeKey(["admin"], { tenant: "other" });
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
  const theirs = { reference_id: "mine" };
  for (const [path, json] of [
    ["/v1/references/mine/descriptors", undefined],
    ["/v1/search", theirs],
    ["/v1/comparisons", { a: theirs, b: theirs }],
  ] as const)
    await expectProblem(await ask(path, { key: other, json }), 404, "reference_not_found");
  expect((await jsonOf(await ask("/v1/checks", { key: other, bytes }))).verdict).toBe("unique");
  expect((await ask("/v1/references/mine", { key: acme })).status).toBe(200);
});
