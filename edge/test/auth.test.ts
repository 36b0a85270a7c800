import { describe, expect, it } from "vitest";
import { ask, expectProblem, jsonOf } from "./client.ts";
import { makeKey } from "./keys.ts";
import { API_KEY } from "./settings.ts";
import { videoBytes } from "./video-bytes.ts";

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
