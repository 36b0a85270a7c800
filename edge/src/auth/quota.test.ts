import { createExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, env, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import worker from "../index.ts";

/** Ten seconds into a minute, twelve hours into a day. */
const NOON = Date.UTC(2031, 4, 6, 12, 0, 10);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
});
afterEach(() => {
  vi.useRealTimers();
});

async function limitedKey(tenant: string, limits: object) {
  const admin = await makeKey(["admin"], { tenant });
  return jsonOf(
    await ask("/v1/keys", { key: admin, json: { name: "limited", scopes: ["checks:write"], limits } }),
  );
}

const look = (key: string, path = "/v1/checks/none") => ask(path, { key });
const left = (response: Response) =>
  Object.fromEntries(
    (response.headers.get("ratelimit") ?? "").split(", ").map((item) => {
      const [, name, r, t] = /^"([a-z-]+)";r=(\d+);t=(\d+)$/.exec(item)!;
      return [name, [Number(r), Number(t)]];
    }),
  );

describe("limits of a key", () => {
  it("a minute's are told, kept, and over with the minute", async () => {
    const { key } = await limitedKey("minutes", { per_minute: 3 });
    for (const remaining of [2, 1, 0]) {
      const response = await look(key);
      expect(response.status).toBe(404);
      expect(left(response)["key-minute"]).toEqual([remaining, 50]);
      expect(response.headers.get("ratelimit-policy")).toBe(
        '"tenant-minute";q=12000;w=60, "tenant-day";q=2000000;w=86400, ' +
          '"key-minute";q=3;w=60, "key-day";q=2000000;w=86400',
      );
    }
    vi.setSystemTime(NOON + 20_000);
    const refused = await look(key);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(left(refused)["key-minute"]).toEqual([0, 30]);
    expect(left(refused)["key-day"]).toEqual([1_999_997, 43_170]);
    const problem = await expectProblem(refused, 429, "rate_limited");
    expect(problem.detail).toContain("key-minute (3 requests)");
    expect(problem.retry_after_s).toBe(30);
    vi.setSystemTime(NOON + 50_000);
    for (const remaining of [2, 1, 0]) {
      expect(left(await look(key))["key-minute"]).toEqual([remaining, 60]);
    }
    expect((await look(key)).status).toBe(429);
  });

  it("a day's end at midnight UTC", async () => {
    const { key } = await limitedKey("days", { per_day: 2 });
    await look(key);
    vi.setSystemTime(NOON + 3600_000);
    await look(key);
    const refused = await look(key);
    expect(refused.headers.get("retry-after")).toBe(String(11 * 3600 - 10));
    await expectProblem(refused, 429, "rate_limited");
    vi.setSystemTime(Date.UTC(2031, 4, 7));
    expect(left(await look(key))["key-day"]).toEqual([1, 86_400]);
  });

  it("are exact when all come at once", async () => {
    const { key } = await limitedKey("rush", { per_minute: 7 });
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await look(key)).status));
    expect(statuses.filter((status) => status === 404)).toHaveLength(7);
    expect(statuses.filter((status) => status === 429)).toHaveLength(13);
  });

  it("leave other keys alone, and count a tenant's together", async () => {
    const first = await limitedKey("shared", { per_minute: 1 });
    const second = await limitedKey("shared", { per_minute: 5 });
    await look(first.key);
    expect((await look(first.key)).status).toBe(429);
    const before = left(await look(second.key))["tenant-minute"]![0]!;
    expect(left(await look(second.key))["tenant-minute"]![0]).toBe(before - 1);
    const other = await makeKey(["admin"], { tenant: "not-shared" });
    expect(left(await look(other))["tenant-minute"]).toEqual([11_999, 50]);
  });
});

it("a tenant's limit holds for all of its keys", async () => {
  const one = await makeKey(["admin"], { tenant: "full" });
  const another = await makeKey(["admin"], { tenant: "full" });
  const keys = [one, another];
  const strict = { ...env, QUOTA_TENANT_PER_MINUTE: "2" };
  const send = (key: string) => {
    const request = new Request("http://edge.test/v1/checks/x", {
      headers: { authorization: `Bearer ${key}` },
    });
    return worker.fetch(request as never, strict, createExecutionContext());
  };
  expect((await send(keys[0]!)).status).toBe(404);
  expect((await send(keys[1]!)).status).toBe(404);
  for (const key of keys) await expectProblem((await send(key)) as never, 429, "rate_limited");
});

describe("counted", () => {
  it("is every request that a key was valid for, by day and key", async () => {
    const { id, key } = await limitedKey("billed", { per_minute: 4 });
    await look(key);
    await look(key, "/v1/references/none");
    vi.setSystemTime(NOON + 86_400_000);
    for (let i = 0; i < 5; i++) await look(key);
    const admin = await makeKey(["admin"], { tenant: "billed" });
    const usage = async (query: string) =>
      (await jsonOf(await ask(`/v1/usage${query}`, { key: admin }))).data;
    const mine = async (query: string) =>
      (await usage(query)).filter((row: { key_id: string }) => row.key_id === id);
    const first = { day: "2031-05-06", key_id: id, requests: 2, rate_limited: 0 };
    const second = { day: "2031-05-07", key_id: id, requests: 4, rate_limited: 1 };
    expect(await mine("")).toEqual([second, first]);
    expect(await mine("?from=2031-05-07")).toEqual([second]);
    expect(await mine("?to=2031-05-06")).toEqual([first]);
  });

  it("is given page by page", async () => {
    const admin = await makeKey(["admin"], { tenant: "pages" });
    for (let day = 0; day < 3; day++) {
      vi.setSystemTime(NOON + day * 86_400_000);
      await look(admin);
    }
    const one = await jsonOf(await ask("/v1/usage?limit=2", { key: admin }));
    const two = await jsonOf(await ask(`/v1/usage?limit=2&cursor=${one.next_cursor}`, { key: admin }));
    const days = [...one.data, ...two.data].map((row) => row.day);
    expect([days, two.next_cursor]).toEqual([["2031-05-08", "2031-05-07", "2031-05-06"], null]);
  });

  it("is nothing that needs no key, or that no key was valid for", async () => {
    const admin = await makeKey(["admin"], { tenant: "quiet" });
    const revoked = await makeKey(["admin"], { tenant: "quiet", revoked: "2020-01-01T00:00:00.000Z" });
    await look(revoked);
    const health = await ask("/livez", { key: admin });
    expect(health.headers.get("ratelimit")).toBeNull();
    expect(left(await look(admin))["tenant-day"]![0]).toBe(1_999_999);
  });

  it.each(["?from=yesterday", "?to=2031-13-01", "?cursor=nonsense", "?limit=0", "?day=1"])(
    "refuses %s",
    async (q) => {
      await expectProblem(await ask(`/v1/usage${q}`), 400, "invalid_request");
    },
  );
});

const withQuota = (take: () => Promise<unknown>) =>
  ({ ...env, QUOTAS: { idFromName: () => "x", get: () => ({ take }) } }) as never;

it("more than can be counted is refused", async () => {
  const flooded = withQuota(() => Promise.reject(Object.assign(new Error("queue"), { overloaded: true })));
  const request = new Request("http://edge.test/v1/checks/x", {
    headers: { authorization: `Bearer ${await makeKey(["admin"])}` },
  });
  const response = (await worker.fetch(request as never, flooded, createExecutionContext())) as Response;
  expect(response.headers.get("retry-after")).toBe("2");
  await expectProblem(response, 503, "overloaded");
});

it("a failure to count lets the request through, and is logged", async () => {
  const broken = withQuota(() => Promise.reject(new Error("no quota object")));
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const key = await makeKey(["admin"]);
  const request = new Request("http://edge.test/v1/checks/x", {
    headers: { authorization: `Bearer ${key}` },
  });
  const response = await worker.fetch(request as never, broken, createExecutionContext());
  expect(response.status).toBe(404);
  expect(response.headers.get("ratelimit")).toBeNull();
  expect(logged.mock.calls.flat().map(String).join(" ")).toContain("no quota object");
  expect(JSON.stringify(logged.mock.calls)).not.toContain(key);
  logged.mockRestore();
});
