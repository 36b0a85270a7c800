// What was sent: its log, sending it again, receivers that hang, and what no log shows.

import { webhookDeliverySchema } from "@twinframe/shared/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { env, eventually, expectProblem, jsonOf } from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import {
  addEndpoint,
  endpointsPath,
  hookUrl,
  plan,
  received,
  release,
  tenantOf,
} from "../../test/webhook-client.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the log", () => {
  it("is filtered and paged, with every attempt", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await plan("log", {}, { status: 500 }, {});
    const { key, queue, call, get } = await tenantOf("log");
    const { id } = await addEndpoint("log", {}, key, queue);
    const other = await addEndpoint("log-other", { events: ["check.failed"] }, key, queue);
    const test = async () => jsonOf(await call("POST", `${endpointsPath}/${id}/test`));
    const made: { id: string; created_at: string }[] = [];
    for (let i = 0; i < 5; i++) {
      made.push(await test());
      await queue.drain();
      vi.setSystemTime(Date.now() + 1000);
    }
    const path = `${endpointsPath}/${id}/deliveries`;
    const ids = (data: { id: string }[]) => data.map((delivery) => delivery.id);
    const newestFirst = ids(made).reverse();
    const first = await get(`${path}?limit=2`);
    const second = await get(`${path}?limit=2&cursor=${first.next_cursor}`);
    const third = await get(`${path}?limit=2&cursor=${second.next_cursor}`);
    expect([first, second, third].flatMap(({ data }) => ids(data))).toEqual(newestFirst);
    expect(third.next_cursor).toBeNull();
    for (const delivery of first.data) webhookDeliverySchema.parse(delivery);
    expect(ids((await get(`${path}?status=failed`)).data)).toEqual([made[1]!.id]);
    expect(ids((await get(`${path}?since=${made[3]!.created_at}`)).data)).toEqual(newestFirst.slice(0, 2));
    const offset = made[3]!.created_at.replace("Z", "%2B00:00");
    expect(ids((await get(`${path}?since=${offset}&status=delivered`)).data)).toHaveLength(2);
    expect(ids((await get("/v1/webhook-deliveries")).data)).toEqual(newestFirst);
    expect((await get(`${endpointsPath}/${other.id}/deliveries`)).data).toEqual([]);
  });
});

describe("replay", () => {
  it("of one: the whole schedule anew, under the same message id", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await plan("again", { status: 410 }, { status: 500 }, {});
    const { key, queue, call, get } = await tenantOf("again");
    const { id } = await addEndpoint("again", {}, key, queue);
    await queue.ask("/v1/checks", { key, bytes: videoBytes(900, "again") });
    const [pending] = (await get("/v1/webhook-deliveries")).data;
    const path = `/v1/webhook-deliveries/${pending.id}`;
    await expectProblem(await call("POST", `${path}/replay`), 409, "webhook_replay_refused");
    await queue.drain();
    await call("PATCH", `${endpointsPath}/${id}`, { disabled: false });
    await env.DB.prepare("UPDATE webhook_deliveries SET tries = 10 WHERE id = ?").bind(pending.id).run();
    const response = await call("POST", `${path}/replay`);
    expect(response.status).toBe(202);
    expect(await jsonOf(response)).toMatchObject({ status: "pending", attempts: [{ number: 1 }] });
    await queue.drain();
    expect(await get(path)).toMatchObject({
      status: "delivered",
      attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
    });
    await call("POST", `${path}/replay`);
    await queue.drain();
    const requests = await received("again");
    expect(requests).toHaveLength(4);
    expect(new Set(requests.map(({ headers, body }) => headers["webhook-id"] + body)).size).toBe(1);
    await call("DELETE", `${endpointsPath}/${id}`);
    await expectProblem(await call("POST", `${path}/replay`), 409, "webhook_replay_refused");
  });

  it("of all that failed since a time, a thousand a call", async () => {
    const { key, queue, call } = await tenantOf("since");
    const { id } = await addEndpoint("since", {}, key, queue);
    const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1009)
       INSERT INTO webhook_deliveries (id, tenant, event_id, type, subject, endpoint_id, body, status, created_at)
       SELECT 'dlv_since' || i, 'since', 'evt_since' || i, 'check.failed', 'chk_1', ?1, '{}',
              CASE WHEN i = 1009 THEN 'delivered' ELSE 'failed' END,
              CASE WHEN i < 4 THEN ?2 ELSE ?3 END FROM n`,
    )
      .bind(id, at(1), at(2))
      .run();
    const replay = async () => jsonOf(await call("POST", `${endpointsPath}/${id}/replay`, { since: at(2) }));
    expect(await replay()).toEqual({ replayed: 1000, remaining: 5 });
    expect(queue.waiting).toHaveLength(1000);
    expect(await replay()).toEqual({ replayed: 5, remaining: 0 });
    expect(await replay()).toEqual({ replayed: 0, remaining: 0 });
    const failed = env.DB.prepare(
      "SELECT COUNT(*) AS n FROM webhook_deliveries WHERE id LIKE 'dlv_since%' AND status = 'failed'",
    );
    expect(await failed.first("n")).toBe(4);
    await queue.deliver();
    expect(await received("since")).toHaveLength(1);

    await call("PATCH", `${endpointsPath}/${id}`, { disabled: true });
    const refused = await call("POST", `${endpointsPath}/${id}/replay`, { since: at(0) });
    await expectProblem(refused, 409, "webhook_replay_refused");
  });
});

it("a receiver that hangs holds up no other", async () => {
  await plan("held", { how: "held" });
  const { key, queue, call, get } = await tenantOf("held");
  queue.env = { ...queue.env, WEBHOOK_TIMEOUT_MS: "20000" };
  for (const name of ["held", "held-not"]) {
    const { id } = await addEndpoint(name, {}, key, queue);
    await call("POST", `${endpointsPath}/${id}/test`);
  }
  const batch = queue.consume("twinframe-webhooks", ...queue.waiting.splice(0).map(({ message }) => message));
  const statuses = async () => {
    const { data } = await get("/v1/webhook-deliveries");
    return data.map(({ status }: { status: string }) => status);
  };
  await eventually(async () => (await statuses()).includes("delivered"));
  expect(await statuses()).toContain("pending");
  expect(await received("held")).toHaveLength(1);
  await release("held");
  await batch;
  expect(await statuses()).toEqual(["delivered", "delivered"]);
});

it("no secret and no address is in a log", async () => {
  const lines: unknown[] = [];
  for (const method of ["log", "error", "warn", "info"] as const) {
    vi.spyOn(console, method).mockImplementation((...line) => void lines.push(...line));
  }
  await plan("quiet", { status: 500 }, { how: "reset" }, { how: "hang" }, {});
  const { key, queue, call } = await tenantOf("quiet");
  const { id, secret } = await addEndpoint("quiet?token=PRIVATE", {}, key, queue);
  const rotated = await jsonOf(await call("POST", `${endpointsPath}/${id}/rotate`));
  const own = await jsonOf(await call("GET", "/v1/webhook-secret"));
  await call("POST", endpointsPath, { url: "http://10.0.0.1/?token=PRIVATE" });
  const query = `library=broken-quiet&webhook_url=${encodeURIComponent(hookUrl("quiet?token=PRIVATE"))}`;
  await queue.ask(`/v1/checks?${query}`, { key, bytes: videoBytes(900, "quiet") });
  vi.useFakeTimers({ toFake: ["Date"] });
  await queue.drain();
  const text = JSON.stringify(lines.map((line) => (line instanceof Error ? `${line.stack}` : line)));
  expect(text).toContain('\\"op\\":\\"queue webhook\\"');
  for (const private_ of [secret, rotated.secret, own.secret]) expect(text).not.toContain(private_.slice(6));
  expect(text).not.toContain("PRIVATE");
});
