// Each delivery by itself: what is sent, how it is signed, what counts as arrived, when it is tried again.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { env, jsonOf, upstream } from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import {
  addEndpoint,
  endpointsPath,
  HeldQueue,
  hookUrl,
  keyOf,
  plan,
  received,
  verified,
} from "../../test/webhook-client.ts";
import { DELAYS_MS, jitterOf } from "./schedule.ts";

const DAY = 24 * 3600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A tenant with one endpoint at /hook/NAME, and one event on its way there. */
async function oneEvent(name: string, more: object = {}) {
  const key = await keyOf(name);
  const queue = new HeldQueue();
  const endpoint = await addEndpoint(name, more, key, queue);
  const check = await jsonOf(await queue.ask("/v1/checks", { key, bytes: videoBytes(900, name) }));
  const get = async (path: string) => jsonOf(await queue.ask(path, { key }));
  const delivery = async () => (await get(`${endpointsPath}/${endpoint.id}/deliveries`)).data[0];
  return { key, queue, endpoint, check, get, delivery };
}

describe("what is sent", () => {
  it("is signed as Standard Webhooks has it, and tells the check as GET answers it", async () => {
    const { queue, endpoint, check, get, delivery } = await oneEvent("letter");
    await queue.drain();
    const [request, ...more] = await received("letter");
    expect(more).toEqual([]);
    const event = verified(endpoint.secret, request!);
    expect(event).toEqual({ type: "check.completed", timestamp: check.completed_at, data: check });
    expect(await get(`/v1/checks/${check.id}`)).toEqual(event.data);
    expect(request!.method).toBe("POST");
    expect(request!.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "Twinframe-Webhooks",
      "webhook-id": expect.stringMatching(/^evt_[0-9a-z]{26}$/),
      "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
    const secret = Buffer.from(endpoint.secret.replace(/^whsec_/, ""), "base64");
    expect(endpoint.secret).toMatch(/^whsec_/);
    expect(secret.length).toBe(32);
    expect(await delivery()).toMatchObject({
      status: "delivered",
      next_attempt_at: null,
      error: null,
      subject: check.id,
      event_id: request!.headers["webhook-id"],
      attempts: [{ number: 1, status: 200, error: null, response: "" }],
    });
  });

  it("is refused by whoever has another secret, or finds anything changed", async () => {
    const { queue, endpoint } = await oneEvent("forged");
    const other = await addEndpoint("forged-other", {}, await keyOf("forged"), queue);
    await queue.drain();
    const [request] = await received("forged");
    expect(() => verified(other.secret, request!)).toThrow("No matching signature");
    expect(() => verified(endpoint.secret, { ...request!, body: `${request!.body} ` })).toThrow();
    const headers = { ...request!.headers, "webhook-id": "evt_other" };
    expect(() => verified(endpoint.secret, { ...request!, headers })).toThrow();
  });

  it("after a rotation is signed with both secrets for a day, then with the new one", async () => {
    const { key, queue, endpoint } = await oneEvent("rotated");
    const path = `${endpointsPath}/${endpoint.id}`;
    const rotated = await jsonOf(await queue.ask(`${path}/rotate`, { method: "POST", key }));
    expect(rotated.secret).not.toBe(endpoint.secret);
    expect(Date.parse(rotated.previous_secret_until)).toBe(Date.now() + DAY);
    await queue.drain();
    const [both] = await received("rotated");
    expect(both!.headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    for (const secret of [endpoint.secret, rotated.secret]) verified(secret, both!);

    vi.setSystemTime(Date.now() + DAY);
    await queue.ask(`${path}/test`, { method: "POST", key });
    await queue.drain();
    const alone = (await received("rotated"))[1]!;
    expect(verified(rotated.secret, alone).type).toBe("webhook.test");
    expect(() => verified(endpoint.secret, alone)).toThrow("No matching signature");
  });
});

describe("the schedule", () => {
  it("is kept by every attempt, also where a queue cannot hold a message for so long", async () => {
    await plan("schedule", { status: 500, body: "no" });
    const { queue, endpoint, delivery } = await oneEvent("schedule");
    const { id } = await delivery();
    const at: number[] = [];
    const startMs = Date.now();
    while (queue.waiting.length > 0) {
      const before = (await received("schedule")).length;
      await queue.deliver();
      if ((await received("schedule")).length > before) at.push(Date.now());
    }
    const expected = DELAYS_MS.map((ms, tries) => ms * (tries === 0 ? 1 : jitterOf(id, tries)));
    let sum = startMs;
    for (const [i, ms] of expected.entries()) {
      sum = (at[i - 1] ?? sum) + ms;
      // A queue counts in seconds.
      expect(at[i]! - sum, `attempt ${i + 1}`).toBeGreaterThanOrEqual(-1);
      expect(at[i]! - sum, `attempt ${i + 1}`).toBeLessThanOrEqual(2000);
    }
    expect(at).toHaveLength(10);
    expect(Math.max(...queue.delaysS)).toBe(43_200);

    const requests = await received("schedule");
    expect(new Set(requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    const stamps = requests.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(stamps).toEqual(at.map((ms) => Math.floor(ms / 1000)));
    verified(endpoint.secret, requests.at(-1)!);
    const ended = await delivery();
    expect(ended).toMatchObject({ status: "failed", next_attempt_at: null });
    const attempt = { status: 500, error: "bad_status", response: "no" };
    expect(ended.attempts).toMatchObject(Array(10).fill(attempt));
  });

  it("ends when the receiver has recovered", async () => {
    await plan("recovers", { status: 500 }, { how: "reset" }, { status: 204 });
    const { queue, get, endpoint, delivery } = await oneEvent("recovers");
    await queue.deliver();
    expect(await delivery()).toMatchObject({ status: "pending", attempts: [{ status: 500 }] });
    const path = `${endpointsPath}/${endpoint.id}`;
    expect((await get(path)).failing_since).not.toBeNull();
    await queue.drain();
    expect(await received("recovers")).toHaveLength(3);
    const { status, attempts } = await delivery();
    expect(status).toBe("delivered");
    expect(attempts).toMatchObject([
      { status: 500 },
      { status: null, error: "connection_failed" },
      { status: 204, error: null },
    ]);
    expect((await get(path)).failing_since).toBeNull();
  });

  it("a message that comes too early, twice or too late makes no attempt", async () => {
    await plan("twice", { status: 500 }, {});
    const { queue } = await oneEvent("twice");
    const [first] = queue.waiting;
    await Promise.all([queue.deliver(first), queue.deliver(first), queue.deliver(first)]);
    await queue.deliver(first);
    expect(await received("twice")).toHaveLength(1);
    const second = queue.waiting.at(-1)!;
    await queue.deliver(second, Date.now());
    expect(await received("twice")).toHaveLength(1);
    await queue.deliver(first, second.dueMs);
    expect(await received("twice")).toHaveLength(1);
    await queue.drain();
    expect(await received("twice")).toHaveLength(2);
    await queue.deliver(second);
    expect(await received("twice")).toHaveLength(2);
  });

  it("waits as long as a busy receiver asks for", async () => {
    await plan("busy", { status: 429, headers: { "retry-after": "7200" } }, {});
    const { queue, delivery } = await oneEvent("busy");
    await queue.deliver();
    expect(Date.parse((await delivery()).next_attempt_at)).toBe(Date.now() + 7_200_000);
    expect(queue.waiting.at(-1)!.dueMs).toBe(Date.now() + 7_200_000);
  });
});

describe("what counts as failed", () => {
  it.each([
    ["hang", { how: "hang" }, { status: null, error: "timeout", response: null }],
    ["hang-body", { how: "hang_body" }, { status: 200, error: "timeout" }],
    [
      "redirect",
      { status: 307, headers: { location: "/hook/elsewhere" } },
      { status: 307, error: "redirect" },
    ],
    [
      "not-found",
      { status: 404, body: "a\0b" },
      { status: 404, error: "bad_status", response: "a\u{fffd}b" },
    ],
    ["reset", { how: "reset" }, { status: null, error: "connection_failed" }],
  ] as const)("%s", async (name, step, attempt) => {
    const hook = `fails-${name}`;
    await plan(hook, step);
    const { queue, delivery } = await oneEvent(hook);
    await queue.deliver();
    expect(await delivery()).toMatchObject({ status: "pending", attempts: [attempt] });
    expect(await received("elsewhere")).toEqual([]);
  });

  it("not a long answer: its beginning is kept, the rest is not even read", async () => {
    await plan("long", { status: 201, bytes: 200_000, how: "hang_body" });
    const { queue, delivery } = await oneEvent("long");
    await queue.deliver();
    const { status, attempts } = await delivery();
    expect([status, attempts[0].response]).toEqual(["delivered", "x".repeat(1024)]);
  });
});

describe("an endpoint", () => {
  it("that answers 410 is disabled, and takes up again where its owner says so", async () => {
    await plan("gone", { status: 410 }, {});
    const { key, queue, endpoint, get, delivery } = await oneEvent("gone");
    await queue.drain();
    const path = `${endpointsPath}/${endpoint.id}`;
    expect(await get(path)).toMatchObject({ disabled: true, disabled_reason: "gone" });
    const { id, status, attempts } = await delivery();
    expect([status, attempts[0].error]).toEqual(["failed", "gone"]);
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "gone again") });
    expect(queue.waiting).toEqual([]);

    const refused = await queue.ask(`/v1/webhook-deliveries/${id}/replay`, { method: "POST", key });
    expect(await jsonOf(refused)).toMatchObject({ status: 409, code: "webhook_replay_refused" });
    await queue.ask(path, { method: "PATCH", json: { disabled: false }, key });
    expect(await get(path)).toMatchObject({ disabled: false, disabled_reason: null, failing_since: null });
    await queue.ask(`/v1/webhook-deliveries/${id}/replay`, { method: "POST", key });
    await queue.drain();
    expect(await received("gone")).toHaveLength(2);
    expect((await delivery()).status).toBe("delivered");
  });

  it("where nothing arrives for five days is disabled, but not before", async () => {
    await plan("failing", { status: 500 });
    const { key, queue, endpoint, get } = await oneEvent("failing");
    const path = `${endpointsPath}/${endpoint.id}`;
    const startMs = Date.now();
    await queue.drain();
    expect(Date.now() - startMs).toBeGreaterThan(2 * DAY);
    expect(await get(path)).toMatchObject({ disabled: false });
    vi.setSystemTime(startMs + 6 * DAY);
    await queue.ask(`${path}/test`, { method: "POST", key });
    await queue.drain();
    expect(await get(path)).toMatchObject({ disabled: false });
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "failing again") });
    await queue.drain();
    expect(await get(path)).toMatchObject({ disabled: true, disabled_reason: "failing" });
  });

  it("disabled or deleted meanwhile is not called", async () => {
    for (const [name, change] of [
      ["disabled", { method: "PATCH", json: { disabled: true } }],
      ["deleted", { method: "DELETE" }],
    ] as const) {
      const { key, queue, endpoint, get } = await oneEvent(`meanwhile-${name}`);
      await queue.ask(`${endpointsPath}/${endpoint.id}`, { ...change, key });
      await queue.drain();
      expect(await received(`meanwhile-${name}`)).toEqual([]);
      const [delivery] = (await get("/v1/webhook-deliveries")).data;
      expect(delivery).toMatchObject({ status: "failed", error: `endpoint_${name}`, attempts: [] });
    }
  });

  it("has its address guarded at every attempt, not only when it is made", async () => {
    const { key, queue, delivery } = await oneEvent("guarded");
    await env.DB.prepare("UPDATE webhook_endpoints SET url = ? WHERE url = ?")
      .bind(upstream("/status/200"), hookUrl("guarded"))
      .run();
    await queue.deliver();
    expect(key).toBeDefined();
    expect((await delivery()).attempts).toMatchObject([{ status: null, error: "address_refused" }]);
  });

  it("whose secret the operator's key does not open any more hears nothing unsigned", async () => {
    const { queue, delivery } = await oneEvent("unreadable");
    queue.env = { ...queue.env, WEBHOOK_SECRET_KEY: "another key of the operator" };
    await queue.deliver();
    expect(await received("unreadable")).toEqual([]);
    expect((await delivery()).attempts).toMatchObject([{ error: "secret_unreadable" }]);
  });
});
