import { describe, expect, it } from "vitest";
import { ask, env, eventually, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";

const KEY = /^tf_[0-9a-z]{26}_[0-9a-z]{40}$/;
const unknown = "key_00000000000000000000000000";

async function create(json: object, key?: string) {
  const response = await ask("/v1/keys", { json, ...(key ? { key } : {}) });
  const made = await jsonOf(response);
  expect(response.status, JSON.stringify(made)).toBe(201);
  return made;
}

const works = async (key: string) => (await ask("/v1/checks/none", { key })).status === 404;
const refused = async (key: string) =>
  expectProblem(await ask("/v1/checks/none", { key }), 401, "invalid_api_key");

describe("a key", () => {
  it("is shown once, and kept as a hash only", async () => {
    const response = await ask("/v1/keys", { json: { name: "app", scopes: ["checks:write"] } });
    const { key, ...told } = await jsonOf(response);
    expect(key).toMatch(KEY);
    expect(response.headers.get("location")).toBe(`/v1/keys/${told.id}`);
    expect(await jsonOf(await ask(`/v1/keys/${told.id}`))).toEqual(told);
    expect(told).toMatchObject({ tenant: "default", status: "active", limits: { per_minute: null } });
    const secret = key.split("_")[2];
    for (const table of ["keys", "key_secrets"]) {
      const { results } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
      expect(JSON.stringify(results)).not.toContain(secret);
    }
    expect(JSON.stringify(await jsonOf(await ask("/v1/keys?limit=200")))).not.toContain(secret);
  });

  it("does what its scopes say, of its own tenant", async () => {
    const { key } = await create({ name: "reader", scopes: ["references:read"] });
    expect((await ask("/v1/references/none", { key })).status).toBe(404);
    await expectProblem(await ask("/v1/checks/none", { key }), 403, "insufficient_scope");
    await expectProblem(await ask("/v1/keys", { key, json: {} }), 403, "insufficient_scope");
  });

  it.each([
    ["id", (key: string) => key.replace(/_(.)/, (_, first) => `_${first === "0" ? "1" : "0"}`)],
    ["secret", (key: string) => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")],
    ["form", (key: string) => key.toUpperCase()],
    ["length", (key: string) => `${key}0`],
  ])("with another %s is unknown", async (_, change) => {
    const { key } = await create({ name: "app", scopes: ["admin"] });
    expect(await works(key)).toBe(true);
    await refused(change(key));
  });

  it("ends at its expiry, which can be moved", async () => {
    const { id, key } = await create({
      name: "a",
      scopes: ["admin"],
      expires_at: "2099-01-01T01:00:00+01:00",
    });
    const patch = (json: object) => ask(`/v1/keys/${id}`, { method: "PATCH", json });
    expect((await jsonOf(await ask(`/v1/keys/${id}`))).expires_at).toBe("2099-01-01T00:00:00.000Z");
    expect(await works(key)).toBe(true);
    expect(await jsonOf(await patch({ expires_at: "2020-01-01T00:00:00Z" }))).toMatchObject({
      status: "expired",
    });
    await refused(key);
    expect(await jsonOf(await patch({ expires_at: null }))).toMatchObject({
      status: "active",
      expires_at: null,
    });
    expect(await works(key)).toBe(true);
  });

  it("loses a scope at once, and keeps what is not named", async () => {
    const limits = { per_minute: 500, per_day: null };
    const { id, key } = await create({ name: "a", scopes: ["checks:write", "admin"], limits });
    const patch = await ask(`/v1/keys/${id}`, { method: "PATCH", json: { scopes: ["references:read"] } });
    expect(await jsonOf(patch)).toMatchObject({ name: "a", scopes: ["references:read"], limits });
    await expectProblem(await ask("/v1/checks/none", { key }), 403, "insufficient_scope");
  });

  it("is refused from its revocation on, for good", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    expect(await works(key)).toBe(true);
    for (let time = 0; time < 2; time++) {
      expect((await ask(`/v1/keys/${id}`, { method: "DELETE" })).status).toBe(204);
    }
    await refused(key);
    const { status, revoked_at } = await jsonOf(await ask(`/v1/keys/${id}`));
    expect([status, typeof revoked_at]).toEqual(["revoked", "string"]);
    await expectProblem(
      await ask(`/v1/keys/${id}`, { method: "PATCH", json: { name: "b" } }),
      409,
      "key_revoked",
    );
    await expectProblem(await ask(`/v1/keys/${id}/rotate`, { method: "POST" }), 409, "key_revoked");
    await refused(key);
  });

  it("notes when it was last used, not more than once a minute", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    const lastUsed = async () => (await jsonOf(await ask(`/v1/keys/${id}`))).last_used_at as string | null;
    expect(await lastUsed()).toBeNull();
    await works(key);
    await eventually(async () => (await lastUsed()) !== null);
    const recent = new Date(Date.now() - 30_000).toISOString();
    await env.DB.prepare("UPDATE keys SET last_used_at = ? WHERE id = ?").bind(recent, id).run();
    await works(key);
    const old = new Date(Date.now() - 61_000).toISOString();
    expect(await lastUsed()).toBe(recent);
    await env.DB.prepare("UPDATE keys SET last_used_at = ? WHERE id = ?").bind(old, id).run();
    await works(key);
    await eventually(async () => (await lastUsed())! > recent);
  });
});

describe("rotation", () => {
  const rotate = async (id: string, json?: object) => {
    const response = await ask(`/v1/keys/${id}/rotate`, { method: "POST", ...(json ? { json } : {}) });
    return jsonOf(response);
  };
  const expireOld = (id: string) =>
    env.DB.prepare("UPDATE key_secrets SET expires_at = '2020-01-01' WHERE key_id = ? AND expires_at > ''")
      .bind(id)
      .run();

  it("leaves the secret before valid for a day", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    const before = Date.now();
    const rotated = await rotate(id);
    expect(rotated).toMatchObject({ id, key: expect.stringMatching(KEY), status: "active" });
    expect(rotated.key).not.toBe(key);
    const ends = Date.parse(rotated.previous_secret_expires_at);
    expect(ends).toBeGreaterThanOrEqual(before + 86_400_000);
    expect(ends).toBeLessThan(Date.now() + 86_400_001);
    expect(await works(key)).toBe(true);
    expect(await works(rotated.key)).toBe(true);
    await expireOld(id);
    await refused(key);
    expect(await works(rotated.key)).toBe(true);
    expect(await jsonOf(await ask(`/v1/keys/${id}`))).toMatchObject({ previous_secret_expires_at: null });
  });

  it("never leaves more than two", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    const second = (await rotate(id, { overlap_s: 604_800 })).key;
    const third = (await rotate(id, {})).key;
    await refused(key);
    expect(await works(second)).toBe(true);
    expect(await works(third)).toBe(true);
  });

  it("without an overlap ends the one before at once", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    const second = (await rotate(id, { overlap_s: 0 })).key;
    await refused(key);
    expect(await works(second)).toBe(true);
  });

  it("revocation ends both", async () => {
    const { id, key } = await create({ name: "a", scopes: ["admin"] });
    const second = (await rotate(id)).key;
    await ask(`/v1/keys/${id}`, { method: "DELETE" });
    await refused(key);
    await refused(second);
  });
});

describe("a key from before there were ids", () => {
  it("is valid, and gets an id by rotation", async () => {
    const { id } = await create({ name: "old", scopes: ["admin"] });
    const key = "tf_dev_an-old_key";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
    const hash = new Uint8Array(digest).toHex();
    await env.DB.prepare("UPDATE key_secrets SET hash = ? WHERE key_id = ?").bind(hash, id).run();
    expect(await works(key)).toBe(true);
    const rotated = await jsonOf(await ask(`/v1/keys/${id}/rotate`, { method: "POST" }));
    expect(await works(key)).toBe(true);
    expect(await works(rotated.key)).toBe(true);
  });
});

describe("the list", () => {
  it("has the tenant's keys, newest first, page by page", async () => {
    const admin = await makeKey(["admin"], { tenant: "paging" });
    const made: string[] = [];
    for (const name of ["a", "b", "c"]) {
      made.unshift((await create({ name, scopes: ["admin"] }, admin)).id);
      // Ids sort by the millisecond.
      const now = Date.now();
      while (Date.now() === now) await env.DB.prepare("SELECT 1").first();
    }
    const seen: string[] = [];
    let path = "/v1/keys?limit=2";
    for (let pages = 0; pages < 5; pages++) {
      const { data, next_cursor } = await jsonOf(await ask(path, { key: admin }));
      seen.push(...data.map(({ id }: { id: string }) => id));
      if (next_cursor === null) break;
      path = `/v1/keys?limit=2&cursor=${next_cursor}`;
    }
    expect(seen.slice(0, 3)).toEqual(made);
    expect(seen).toHaveLength(4);
  });
});

describe("other tenants", () => {
  it("are the operator's to make keys for, and nobody else's", async () => {
    const { id, key, tenant } = await create({ name: "first", scopes: ["admin"], tenant: "fresh" });
    expect(tenant).toBe("fresh");
    const own = await create({ name: "second", scopes: ["admin"], tenant: "fresh" }, key);
    expect(own.tenant).toBe("fresh");
    const json = { name: "x", scopes: ["admin"], tenant: "default" };
    await expectProblem(await ask("/v1/keys", { json, key }), 403, "insufficient_scope");
    await expectProblem(await ask("/v1/keys?tenant=default", { key }), 403, "insufficient_scope");
    await expectProblem(await ask("/v1/usage?tenant=default", { key }), 403, "insufficient_scope");
    await expectProblem(await ask(`/v1/keys/${id}`), 404, "key_not_found");
    expect((await ask(`/v1/keys/${id}?tenant=fresh`)).status).toBe(200);
    const listed = await jsonOf(await ask("/v1/keys?tenant=fresh"));
    expect(listed.data.map((one: { id: string }) => one.id).sort()).toEqual([id, own.id].sort());
    await ask(`/v1/keys/${id}?tenant=fresh`, { method: "DELETE" });
    await refused(key);
  });

  it("a key of the tenant default is no operator", async () => {
    const key = await makeKey(["admin"], { tenant: "default" });
    const json = { name: "x", scopes: ["admin"], tenant: "fresh" };
    await expectProblem(await ask("/v1/keys", { json, key }), 403, "insufficient_scope");
  });
});

describe("refused", () => {
  it.each([
    [{ scopes: ["admin"] }, "/name"],
    [{ name: "a", scopes: [] }, "/scopes"],
    [{ name: "a", scopes: ["everything"] }, "/scopes/0"],
    [{ name: "", scopes: ["admin"] }, "/name"],
    [{ name: "a\u0000", scopes: ["admin"] }, "/name"],
    [{ name: "a", scopes: ["admin"], expires_at: "2020-01-01T00:00:00Z" }, "/expires_at"],
    [{ name: "a", scopes: ["admin"], expires_at: "tomorrow" }, "/expires_at"],
    [{ name: "a", scopes: ["admin"], expires_at: "9999-12-31T23:59:59-01:00" }, "/expires_at"],
    [{ name: "a", scopes: ["admin"], limits: { per_minute: 0 } }, "/limits/per_minute"],
    [{ name: "a", scopes: ["admin"], limits: { per_hour: 1 } }, "/limits"],
    [{ name: "a", scopes: ["admin"], tenant: "No Name" }, "/tenant"],
  ])("%j", async (json, pointer) => {
    const problem = await expectProblem(await ask("/v1/keys", { json }), 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it.each([unknown, "x", "%00", "%ff", "a".repeat(5000), "key_%F0%9F%98%80"])("the id %s", async (id) => {
    for (const [method, path] of [
      ["GET", `/v1/keys/${id}`],
      ["DELETE", `/v1/keys/${id}`],
      ["POST", `/v1/keys/${id}/rotate`],
    ] as const) {
      await expectProblem(await ask(path, { method }), 404, "key_not_found");
    }
    const patch = await ask(`/v1/keys/${id}`, { method: "PATCH", json: {} });
    await expectProblem(patch, 404, "key_not_found");
  });

  it.each([-1, 604_801, 1.5, "1"])("an overlap of %j", async (overlap_s) => {
    const response = await ask(`/v1/keys/${unknown}/rotate`, { json: { overlap_s } });
    await expectProblem(response, 400, "invalid_request");
  });

  it.each(["\u0000", "\ud800", "x".repeat(700)])("no cursor breaks the lists: %j", async (part) => {
    for (const [path, parts] of [
      ["/v1/keys", [part]],
      ["/v1/usage", [part, part]],
    ] as const) {
      const cursor = btoa(JSON.stringify(parts)).replaceAll("+", "-").replaceAll("/", "_");
      expect([200, 400]).toContain((await ask(`${path}?cursor=${cursor.replaceAll("=", "")}`)).status);
    }
  });

  it("a name of half a character harms nothing", async () => {
    const response = await ask("/v1/keys", {
      bytes: '{"name":"\\ud800","scopes":["admin"]}',
      headers: { "content-type": "application/json" },
    });
    expect([201, 400]).toContain(response.status);
    expect((await ask("/v1/keys")).status).toBe(200);
  });
});
