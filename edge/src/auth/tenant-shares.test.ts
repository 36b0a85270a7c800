import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Ask,
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
} from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { app } from "../app.ts";
import { OPEN_CHECKS } from "../checks/store/open-checks.ts";
import type { Env } from "../platform/env.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { PROMISED_REFERENCES } from "../references/store/open-references.ts";
import { consume } from "../worker/consume.ts";

/** The Worker with settings of a test's own, asked within this isolate. */
async function askWith(settings: Partial<Env>, path: string, { key, bytes, headers = {} }: Ask) {
  const request = new Request(`http://edge.test${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "video/mp4", ...headers },
    ...(bytes === undefined ? {} : { body: bytes }),
  });
  return app.fetch(request, { ...env, ...settings }, createExecutionContext());
}
const later = { prefer: "wait=0" };

describe("requests at once", () => {
  it("of a tenant are bounded, reading aside, and leave another tenant alone", async () => {
    const library = "gated-at-once";
    const key = await makeKey(["admin"], { tenant: "busy" });
    const other = await makeKey(["admin"], { tenant: "calm" });
    const send = (by: string, name: string, wait = 30) =>
      askWith({ TENANT_MAX_AT_ONCE: "2" }, `/v1/checks?library=${library}`, {
        key: by,
        bytes: videoBytes(900, name),
        headers: { prefer: `wait=${wait}` },
      });
    const at = [send(key, "a"), send(key, "b")];
    await eventually(async () => (await backendSeen(library)).calls.length === 2);
    const refused = await send(key, "c");
    expect(refused.headers.get("retry-after")).toBe("1");
    const { detail } = await expectProblem(refused, 429, "too_much_at_once");
    expect(detail).toContain("2 requests at work");
    expect((await ask("/v1/checks", { key })).status).toBe(200);
    expect((await send(other, "d", 0)).status).toBe(202);
    // Once more at once: nobody is asked for the answer.
    const nobody = { DB: null, QUOTAS: null } as never;
    const again = await askWith(nobody, `/v1/checks?library=${library}`, {
      key,
      bytes: videoBytes(900, "f"),
    });
    await expectProblem(again, 429, "too_much_at_once");
    await openGate(library);
    for (const response of at) expect((await response).status).toBe(200);
    expect(
      (
        await eventually(async () => {
          const again = await send(key, "e");
          return again.status === 200 && again;
        })
      ).status,
    ).toBe(200);
  });

  it("a place that nobody gave back ends by itself", async () => {
    const quota = env.QUOTAS.get(env.QUOTAS.idFromName("crashed"));
    const place = (id: string) => ({ kind: "request" as const, id, most: 1, untilMs: Date.now() + 1000 });
    expect(await quota.enter(place("a"))).toBe(true);
    expect(await quota.enter(place("b"))).toBe(false);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1001 });
    expect(await quota.enter(place("b"))).toBe(true);
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("open work", () => {
  it("checks beyond the most are refused", async () => {
    const key = await makeKey(["admin"], { tenant: "open-checks" });
    const settings = { TENANT_MAX_OPEN_CHECKS: "2" };
    const send = (name: string) =>
      askWith(settings, "/v1/checks?library=gated-open", {
        key,
        bytes: videoBytes(900, name),
        headers: later,
      });
    expect([(await send("one")).status, (await send("two")).status]).toEqual([202, 202]);
    const refused = await send("three");
    expect(refused.headers.get("retry-after")).toBe("10");
    const { detail } = await expectProblem(refused, 429, "too_much_at_once");
    expect(detail).toContain("2 checks that have not ended");
    await openGate("gated-open");
  });

  it("references beyond the most, too", async () => {
    const key = await makeKey(["admin"], { tenant: "open-references" });
    const send = (name: string) =>
      askWith({ TENANT_MAX_OPEN_REFERENCES: "1" }, "/v1/references?library=gated-promised", {
        key,
        bytes: videoBytes(900, name),
        headers: later,
      });
    expect((await send("one")).status).toBe(202);
    const { detail } = await expectProblem(await send("two"), 429, "too_much_at_once");
    expect(detail).toContain("not indexed yet");
    await openGate("gated-promised");
  });

  it.each([OPEN_CHECKS, PROMISED_REFERENCES])("is counted from an index: %s", async (text) => {
    const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
      .bind("t", 1)
      .all<{ detail: string }>();
    expect(results.map(({ detail }) => detail).join("\n")).toMatch(/USING (COVERING )?INDEX .*\(tenant=\?/);
  });
});

describe("the queue", () => {
  /** Consumes with the given share; what is sent goes into `sent`. */
  function consumer(most: number) {
    const sent: JobMessage[] = [];
    const JOBS = { send: async (body: JobMessage) => void sent.push(body) };
    const own = { ...env, TENANT_MAX_QUEUED_AT_ONCE: String(most), JOBS } as unknown as Env;
    const take = async (...bodies: JobMessage[]) => {
      const messages = bodies.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts: 1, body }));
      const batch = createMessageBatch<JobMessage>("twinframe-jobs", messages);
      const context = createExecutionContext();
      await consume(requestContextOf(own, context), batch as MessageBatch<JobMessage>);
      return getQueueResult(batch, context);
    };
    return { sent, take };
  }

  /** An accepted check whose message is not sent. */
  async function accepted(library: string, tenant: string): Promise<JobMessage> {
    const key = await makeKey(["admin"], { tenant });
    const response = await askWith(
      { JOBS: { send: async () => {} } as never },
      `/v1/checks?library=${library}`,
      { key, bytes: videoBytes(900, crypto.randomUUID()), headers: later },
    );
    return { type: "check", check_id: (await jsonOf(response)).id, tenant };
  }

  it("works on so many jobs of a tenant at a time; the others wait where nobody waits behind them", async () => {
    const { take, sent } = consumer(1);
    const library = "gated-share";
    const first = await accepted(library, "hoard");
    const second = await accepted(library, "hoard");
    const third = await accepted(library, "hoard");
    const other = await accepted("share-other", "modest");
    const working = take(first);
    await eventually(async () => (await backendSeen(library)).calls.length === 1);
    // Taken and done with, without a look at the backend; a copy changes nothing.
    for (const message of [second, third, second]) expect((await take(message)).explicitAcks).toEqual(["m0"]);
    expect((await backendSeen(library)).calls).toHaveLength(1);
    await take(other);
    expect((await backendSeen("share-other")).calls).toHaveLength(1);

    await openGate(library);
    await working;
    // One place, one message: in the order in which they came.
    expect(sent).toEqual([second]);
    await take(sent.shift()!);
    expect(sent).toEqual([third]);
    await take(sent.shift()!);
    expect(sent).toEqual([]);
    expect((await backendSeen(library)).calls).toHaveLength(3);
  });

  it.each(["crowded-share", "busy-share"])(
    "a job that the backend has no place for waits, has not failed, and gives its place on: %s",
    async (library) => {
      const tenant = `unlucky-${library}`;
      const { take, sent } = consumer(1);
      const job = await accepted(library, tenant);
      const next = await accepted("share-next", tenant);
      const quota = env.QUOTAS.get(env.QUOTAS.idFromName(tenant));
      await quota.enter({ kind: "queued_job", id: "another", most: 1, untilMs: Date.now() + 60_000 });
      await take(next);
      await quota.leave("queued_job", "another");
      expect((await take(job)).explicitAcks).toEqual(["m0"]);
      expect(sent.map((message) => message.type === "check" && message.check_id)).toEqual(
        [job, next].map((message) => message.type === "check" && message.check_id),
      );
      const { check_id } = job as { check_id: string };
      const row = await env.DB.prepare("SELECT status, due_at FROM checks WHERE id = ?")
        .bind(check_id)
        .first();
      expect(row).toEqual({ status: "running", due_at: expect.any(String) });
    },
  );
});

describe("/readyz", () => {
  it("costs one question to the backend, however many ask at a time", async () => {
    const before = (await backendSeen("readyz")).calls.length;
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask("/readyz", { key: null })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const asked = (await backendSeen("readyz")).calls.length - before;
    // An isolate remembers it for a second; the sixty may take longer than one.
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(6);
  });

  it("is remembered for a second, a failure too", async () => {
    let asked = 0;
    const backend = {
      fetch: async () => {
        asked++;
        throw new Error("away");
      },
    };
    const own = { ...env, BACKEND: backend } as unknown as Env;
    const look = () => app.fetch(new Request("http://edge.test/readyz"), own, createExecutionContext());
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now });
    expect((await look()).status).toBe(503);
    vi.setSystemTime(now + 999);
    expect((await look()).status).toBe(503);
    expect(asked).toBe(1);
    vi.setSystemTime(now + 1000);
    await look();
    expect(asked).toBe(2);
  });
});
