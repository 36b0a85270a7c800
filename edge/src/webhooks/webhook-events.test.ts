// What is told, to whom, and that it is told once: by duplicate messages, two runners, crashes and lost messages.

import { createExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
  upstream,
} from "../../test/client.ts";
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
import type { JobMessage } from "../platform/queue/messages.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { DEAD_LETTER_QUEUE } from "../worker/consume.ts";
import { forgetTold } from "./outbox.ts";
import { beginAttempt } from "./store/webhook-deliveries.ts";

const later = { prefer: "wait=0" };

/** A tenant with an endpoint at /hook/NAME. */
async function tenantOf(name: string, more: object = {}) {
  const key = await keyOf(name);
  const queue = new HeldQueue();
  const { secret, id } = await addEndpoint(name, more, key, queue);
  const events = async () => {
    await queue.drain();
    return (await received(name)).map((request) => verified(secret, request));
  };
  const get = async (path: string) => jsonOf(await queue.ask(path, { key }));
  return { key, queue, id, secret, events, get };
}

/** Everything in D1, as text. */
async function everyRow(): Promise<string> {
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const names = tables.results.map(({ name }) => name).filter((name) => !name.startsWith("_cf"));
  const rows = await Promise.all(names.map((name) => env.DB.prepare(`SELECT * FROM ${name}`).all()));
  return JSON.stringify(rows.map(({ results }) => results));
}

describe("events", () => {
  it("a check that failed", async () => {
    const { key, queue, events, get } = await tenantOf("failed");
    const path = "/v1/checks?library=broken-hook";
    await expectProblem(await queue.ask(path, { key, bytes: videoBytes(900, "f") }), 422, "unreadable_video");
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: "check.failed", data: { problem: { code: "unreadable_video" } } });
    expect(event.data).toEqual(await get(`/v1/checks/${event.data.id}`));
    expect(event.timestamp).toBe(event.data.completed_at);
  });

  it("a reference that is ready, at once or promised", async () => {
    const { key, queue, events, get } = await tenantOf("indexed");
    const at = (id: string) =>
      `/v1/references?library=hooked&id=${id}&metadata=${encodeURIComponent('{"a":1}')}`;
    await queue.ask(at("one"), { key, bytes: videoBytes(900, "i1") });
    const promised = await queue.ask(at("two"), { key, bytes: videoBytes(900, "i2"), headers: later });
    expect(promised.status).toBe(202);
    await queue.consume("twinframe-jobs", ...queue.jobs.filter(({ type }) => type === "reference"));
    const told = await events();
    expect(told.map(({ type }) => type)).toEqual(["reference.indexed", "reference.indexed"]);
    for (const { data } of told) {
      expect(data).toEqual(await get(`/v1/references/${data.id}?library=hooked`));
      expect(data.metadata).toEqual({ a: 1 });
    }
  });

  it("a reference that was promised and could not be indexed", async () => {
    const { key, queue, events } = await tenantOf("reference-failed");
    const path = "/v1/references?library=broken-promised&id=a";
    await queue.ask(path, { key, bytes: videoBytes(900, "rf"), headers: later });
    await queue.consume("twinframe-jobs", ...queue.jobs, ...queue.jobs);
    const [event, ...more] = await events();
    expect(more).toEqual([]);
    expect(event.type).toBe("reference.failed");
    expect(event.data).toMatchObject({
      id: "a",
      library: "broken-promised",
      problem: { code: "unreadable_video", status: 422 },
    });
    const told = await queue.ask("/v1/references/a?library=broken-promised", { key });
    expect((await expectProblem(told, 404, "reference_not_found")).detail).toContain("unreadable_video");
  });

  it("both, when a check's video joins the library; and the check of bytes that are known", async () => {
    const { key, queue, events, get } = await tenantOf("joins");
    const bytes = videoBytes(900, "joins");
    const path = "/v1/checks?library=hooked&index=if_unique&reference_id=mine&explain=true";
    const first = await jsonOf(await queue.ask(path, { key, bytes }));
    const second = await jsonOf(await queue.ask("/v1/checks?library=hooked", { key, bytes }));
    expect(first.explanation).toBeTruthy();
    expect(second.found_by).toBe("exact_bytes");
    const told = await events();
    const of = (type: string) => told.filter((event) => event.type === type).map(({ data }) => data);
    const { explanation: _, ...shown } = first;
    expect(of("check.completed")).toEqual([shown, second]);
    expect(of("reference.indexed")).toEqual([await get("/v1/references/mine?library=hooked")]);
    expect(told).toHaveLength(3);
  });

  it("go to the endpoints that want them, are not disabled, and are the tenant's", async () => {
    const { key, queue, events } = await tenantOf("wants");
    const other = await tenantOf("wants-not-mine");
    const failures = await addEndpoint("wants-failures", { events: ["check.failed"] }, key, queue);
    const both = await addEndpoint("wants-both", { events: ["check.failed", "check.completed"] }, key, queue);
    const off = await addEndpoint("wants-off", {}, key, queue);
    await queue.ask(`${endpointsPath}/${off.id}`, { method: "PATCH", key, json: { disabled: true } });
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "wants") });
    expect(await events()).toHaveLength(1);
    const [request] = await received("wants-both");
    expect(verified(both.secret, request!).type).toBe("check.completed");
    for (const name of ["wants-failures", "wants-off"]) expect(await received(name)).toEqual([]);
    expect(await other.events()).toEqual([]);

    await queue.ask("/v1/checks?library=broken-wants", { key, bytes: videoBytes(900, "wants") });
    await queue.drain();
    const [failure] = await received("wants-failures");
    expect(verified(failures.secret, failure!).type).toBe("check.failed");
  });

  it("cost nothing where nobody wants to hear", async () => {
    const key = await keyOf("silent");
    const queue = new HeldQueue();
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "silent") });
    expect(queue.waiting).toEqual([]);
    const rows = env.DB.prepare("SELECT * FROM webhook_deliveries WHERE tenant = 'silent'");
    expect((await rows.all()).results).toEqual([]);
  });

  it("go by the real queue, too", async () => {
    const key = await keyOf("real");
    const { secret } = await addEndpoint("real", {}, key);
    const check = await jsonOf(await ask("/v1/checks", { key, bytes: videoBytes(900, "real") }));
    const [request] = await eventually(async () => {
      const seen = await received("real");
      return seen.length > 0 && seen;
    });
    expect(verified(secret, request!).data).toEqual(check);
  });
});

it("what was told of a deleted check is forgotten with it", async () => {
  const { key, queue, get } = await tenantOf("forgotten");
  const json = { url: upstream("/known/900/forgotten.mp4"), webhook_url: hookUrl("forgotten-own") };
  const kept = await jsonOf(await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "kept") }));
  const { id } = await jsonOf(await queue.ask("/v1/checks", { key, json }));
  const context = requestContextOf(queue.env, createExecutionContext());
  await env.DB.batch(await forgetTold(context, "another", id));
  expect((await get("/v1/webhook-deliveries")).data).toHaveLength(3);
  expect((await queue.ask(`/v1/checks/${id}`, { key, method: "DELETE" })).status).toBe(204);
  const { data } = await get("/v1/webhook-deliveries");
  expect(data.map(({ subject }: { subject: string }) => subject)).toEqual([kept.id]);
  await queue.drain();
  expect(await received("forgotten")).toHaveLength(1);
  expect(await received("forgotten-own")).toEqual([]);
});

/** Has a runner find a check too old, while the backend is away for it. */
async function giveUp(queue: HeldQueue, job: JobMessage): Promise<void> {
  const id = (job as Extract<JobMessage, { type: "check" }>).check_id;
  await env.DB.prepare("UPDATE checks SET created_at = '2020-01-01T00:00:00.000Z' WHERE id = ?")
    .bind(id)
    .run();
  const alone = new HeldQueue();
  alone.env = { ...queue.env, BACKEND_URL: "http://127.0.0.1:1" };
  await alone.consume("twinframe-jobs", job);
}

describe("an event is told once", () => {
  it("by two runners of one check, and by messages that come again", async () => {
    const { key, queue, events } = await tenantOf("runners");
    const path = "/v1/checks?library=gated-runners&index=if_unique";
    await queue.ask(path, { key, bytes: videoBytes(900, "runners"), headers: later });
    const job = queue.jobs.find(({ type }) => type === "check")!;
    const runs = [1, 2, 3].map(() => queue.consume("twinframe-jobs", job));
    await eventually(async () => (await backendSeen("gated-runners")).calls.length === 3);
    await openGate("gated-runners");
    await Promise.all(runs);
    await queue.consume("twinframe-jobs", job);
    await queue.consume(DEAD_LETTER_QUEUE, job);
    expect((await events()).map(({ type }) => type).sort()).toEqual(["check.completed", "reference.indexed"]);
  });

  it("and not otherwise by a runner that comes too late", async () => {
    const { key, queue, events } = await tenantOf("too-late");
    await queue.ask("/v1/checks?library=gated-late", { key, bytes: videoBytes(900, "late"), headers: later });
    const job = queue.jobs.find(({ type }) => type === "check")!;
    const run = queue.consume("twinframe-jobs", job);
    await eventually(async () => (await backendSeen("gated-late")).calls.length === 1);
    await giveUp(queue, job);
    await openGate("gated-late");
    await run;
    expect((await events()).map(({ type }) => type)).toEqual(["check.failed"]);
  });

  it("when a check is given up twice", async () => {
    const { key, queue, events } = await tenantOf("given-up");
    await queue.ask("/v1/checks?library=busy-given", { key, bytes: videoBytes(900, "g"), headers: later });
    const job = queue.jobs.find(({ type }) => type === "check")!;
    await Promise.all([giveUp(queue, job), giveUp(queue, job)]);
    await giveUp(queue, job);
    expect((await events()).map(({ type }) => type)).toEqual(["check.failed"]);
  });
});

describe("the sweeper", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends a lost message again, once it is late", async () => {
    const { key, queue, events } = await tenantOf("lost");
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "lost") });
    const [lost] = queue.waiting.splice(0);
    /** How often a sweep has sent it: other tests may leave deliveries of their own. */
    const swept = async (dueMs?: number) => {
      const others = queue.waiting.length;
      await queue.sweep(dueMs);
      const ids = queue.waiting.slice(others).map(({ message }) => message.delivery_id);
      return ids.filter((id) => id === lost!.message.delivery_id).length;
    };
    vi.setSystemTime(Date.now() + 30_000);
    expect(await swept()).toBe(0);
    vi.setSystemTime(Date.now() + 30_001);
    expect(await swept()).toBe(1);
    expect(await swept()).toBe(0);
    // At a start, where the queue has lost everything, at once.
    vi.setSystemTime(Date.now() + 1000);
    expect(await swept(Date.now() + 16 * 60_000)).toBe(1);
    expect(await events()).toHaveLength(1);
    vi.setSystemTime(Date.now() + 60_001);
    expect(await swept()).toBe(0);
  });

  it("takes up an attempt whose end was never written", async () => {
    const { key, queue, events, get } = await tenantOf("crash");
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "crash") });
    const [{ message }] = queue.waiting.splice(0) as [HeldQueue["waiting"][number]];
    const iso = (ms: number) => new Date(Date.now() + ms).toISOString();
    expect(await beginAttempt(env.DB, message.delivery_id, 0, iso(0), iso(30_000))).not.toBeNull();
    await queue.consume("twinframe-webhooks", message);
    expect(await received("crash")).toEqual([]);
    vi.setSystemTime(Date.now() + 91_000);
    await queue.sweep();
    expect(await events()).toHaveLength(1);
    const [delivery] = (await get("/v1/webhook-deliveries")).data;
    expect(delivery).toMatchObject({ status: "delivered", attempts: [{ number: 2 }] });
  });

  it("forgets what is too old to be kept", async () => {
    const { key, queue, get } = await tenantOf("old");
    await plan("old", {}, { status: 410 });
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "old") });
    await queue.drain();
    vi.setSystemTime(Date.now() + 29 * 24 * 3600_000);
    await queue.sweep();
    expect((await get("/v1/webhook-deliveries")).data).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2 * 24 * 3600_000);
    await queue.sweep();
    expect((await get("/v1/webhook-deliveries")).data).toEqual([]);
  });
});

describe("webhook_url", () => {
  const url = (name: string) => `${hookUrl(name)}?signature=PRIVATE-${name}`;
  const secretOf = async (queue: HeldQueue, key: string) =>
    (await jsonOf(await queue.ask("/v1/webhook-secret", { key }))).secret;

  it("of a check hears of it alone, signed with the tenant's secret, and is forgotten", async () => {
    const key = await keyOf("address");
    const queue = new HeldQueue();
    const query = `library=address&webhook_url=${encodeURIComponent(url("address"))}`;
    const bytes = videoBytes(900, "address");
    const check = await jsonOf(await queue.ask(`/v1/checks?${query}`, { key, bytes }));
    await queue.ask("/v1/checks?library=address", { key, bytes: videoBytes(900, "address 2") });
    expect(check).not.toHaveProperty("webhook_url");
    expect(await everyRow()).not.toContain("PRIVATE-address");
    await queue.drain();
    const [request, ...more] = await received("address");
    expect(more).toEqual([]);
    expect(request!.path).toBe("/hook/address?signature=PRIVATE-address");
    expect(verified(await secretOf(queue, key), request!)).toMatchObject({
      type: "check.completed",
      data: check,
    });
    const left = env.DB.prepare("SELECT * FROM webhook_addresses WHERE tenant = 'address'");
    expect((await left.all()).results).toEqual([]);
    const [delivery] = (await jsonOf(await queue.ask("/v1/webhook-deliveries", { key }))).data;
    expect(delivery).toMatchObject({ subject: check.id, endpoint_id: null, status: "delivered" });
    const again = await queue.ask(`/v1/webhook-deliveries/${delivery.id}/replay`, { method: "POST", key });
    await expectProblem(again, 409, "webhook_replay_refused");
  });

  it("of a check that nobody waits for, beside the endpoints; sealed until it has arrived", async () => {
    const { key, queue, events } = await tenantOf("address-later");
    await plan("address-own", { status: 500 }, {});
    const json = { url: upstream("/known/900/x.mp4"), webhook_url: url("address-own") };
    const { id } = await jsonOf(await queue.ask("/v1/checks", { key, json, headers: later }));
    expect(await everyRow()).not.toContain("PRIVATE-address-own");
    await queue.consume("twinframe-jobs", queue.jobs.find(({ type }) => type === "check")!);
    expect(await everyRow()).not.toContain("PRIVATE-address-own");
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      expect((await events()).map(({ data }) => data.id)).toEqual([id]);
      const requests = await received("address-own");
      expect(requests).toHaveLength(2);
      expect(requests[0]!.headers["webhook-id"]).toBe(requests[1]!.headers["webhook-id"]);
      expect(verified(await secretOf(queue, key), requests[1]!).data.id).toBe(id);
    } finally {
      vi.useRealTimers();
    }
  });

  it("of references: added, there already, promised", async () => {
    const key = await keyOf("address-ref");
    const queue = new HeldQueue();
    const add = async (name: string, seed: string, headers = {}) => {
      const query = `library=address&webhook_url=${encodeURIComponent(url(name))}`;
      return queue.ask(`/v1/references?${query}`, { key, bytes: videoBytes(900, seed), headers });
    };
    const added = await jsonOf(await add("ref-added", "ra"));
    expect((await add("ref-there", "ra")).status).toBe(200);
    const promised = await jsonOf(await add("ref-promised", "rp", later));
    await queue.consume("twinframe-jobs", ...queue.jobs.filter(({ type }) => type === "reference"));
    await queue.drain();
    const secret = await secretOf(queue, key);
    for (const [name, id] of [
      ["ref-added", added.id],
      ["ref-there", added.id],
      ["ref-promised", promised.id],
    ]) {
      const [request, ...more] = await received(name);
      expect(more, name).toEqual([]);
      expect(verified(secret, request!), name).toMatchObject({ type: "reference.indexed", data: { id } });
    }
    expect(await everyRow()).not.toContain("PRIVATE-ref");
  });

  it.each(["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]/"])(
    "%s is refused before anything is done",
    async (refused) => {
      const key = await keyOf("address-refused");
      const queue = new HeldQueue();
      const json = { url: upstream("/known/900/refused.mp4"), webhook_url: refused };
      for (const path of ["/v1/checks", "/v1/references"]) {
        const problem = await expectProblem(
          await queue.ask(path, { key, json }),
          403,
          "source_address_refused",
        );
        expect(problem.errors).toMatchObject([{ pointer: "/webhook_url" }]);
        expect(problem.detail).toContain("WEBHOOK_ALLOWED_HOSTS");
      }
      const counts = env.DB.prepare(
        `SELECT (SELECT COUNT(*) FROM checks WHERE tenant = ?1) + (SELECT COUNT(*) FROM webhook_addresses
          WHERE tenant = ?1) + (SELECT COUNT(*) FROM library_references WHERE tenant = ?1) AS rows`,
      );
      expect(await counts.bind("address-refused").first()).toEqual({ rows: 0 });
    },
  );
});
