// The resources: endpoints, deliveries, the tenant's secret; who may, what is shown, and what is never shown.

import { createExecutionContext } from "cloudflare:test";
import {
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
} from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { env, expectProblem, jsonOf } from "../../test/client.ts";
import { OPERATIONS } from "../../test/operations.ts";
import {
  addEndpoint,
  endpointsPath,
  HeldQueue,
  hookUrl,
  keyOf,
  plan,
  received,
  tenantOf,
  verified,
} from "../../test/webhook-client.ts";
import { encodeCursor } from "../platform/http/paging.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { resealWebhooks } from "./reseal.ts";

const NOBODYS = `whk_${"0".repeat(26)}`;

describe("endpoints", () => {
  it("are made with a secret that is shown once, listed, changed and deleted", async () => {
    const { key, queue, call, get } = await tenantOf("life");
    const json = { url: `${hookUrl("life")}?a=b`, events: ["check.failed"], description: "Ours – ours 🎬" };
    const response = await queue.ask(endpointsPath, { key, json });
    expect(response.status).toBe(201);
    const { secret, previous_secret_until, ...made } = webhookEndpointWithSecretSchema.parse(
      await jsonOf(response),
    );
    const path = `${endpointsPath}/${made.id}`;
    expect(response.headers.get("location")).toBe(path);
    expect(previous_secret_until).toBeNull();
    const state = { disabled: false, disabled_reason: null, failing_since: null };
    expect(made).toEqual({ ...json, ...state, id: made.id, created_at: made.created_at });
    expect(await get(path)).toEqual(made);
    expect(await get(endpointsPath)).toEqual({ data: [made], next_cursor: null });

    const changed = await call("PATCH", path, { disabled: true, events: null });
    expect(await jsonOf(changed)).toEqual({
      ...made,
      disabled: true,
      disabled_reason: "requested",
      events: null,
    });
    expect(await jsonOf(await call("PATCH", path, { description: "", url: hookUrl("life") }))).toMatchObject({
      description: "",
      url: hookUrl("life"),
      disabled: true,
    });
    expect(await jsonOf(await call("PATCH", path, {}))).toMatchObject({ disabled: true });
    const { results } = await env.DB.prepare("SELECT * FROM webhook_secrets WHERE tenant = 'life'").all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(secret.slice("whsec_".length));

    expect((await call("DELETE", path)).status).toBe(204);
    await expectProblem(await call("DELETE", path), 404, "webhook_endpoint_not_found");
    await expectProblem(await call("GET", path), 404, "webhook_endpoint_not_found");
    const left = env.DB.prepare("SELECT * FROM webhook_secrets WHERE tenant = 'life'");
    expect((await left.all()).results).toEqual([]);
  });

  it("come page by page, and there are at most twenty of a tenant", async () => {
    const { key, call, get } = await tenantOf("many");
    const post = (i: number) => call("POST", endpointsPath, { url: hookUrl(`many-${i}`) });
    const answers = await Promise.all(Array.from({ length: 22 }, (_, i) => post(i)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(20).fill(201), 409, 409]);
    const refused = await post(22);
    await expectProblem(refused, 409, "too_many_webhook_endpoints");
    const secrets = env.DB.prepare("SELECT COUNT(*) AS n FROM webhook_secrets WHERE tenant = 'many'");
    expect(await secrets.first("n")).toBe(20);
    const ids: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { data: { id: string }[]; next_cursor: string | null } = await get(
        `${endpointsPath}?limit=8${cursor && `&cursor=${cursor}`}`,
      );
      expect(page.data.length).toBeLessThanOrEqual(8);
      ids.push(...page.data.map(({ id }) => webhookEndpointSchema.shape.id.parse(id)));
      cursor = page.next_cursor;
    }
    expect(new Set(ids).size).toBe(20);
    expect((await addEndpoint("many-else", {}, await keyOf("many-else"))).id).toBeDefined();
    expect(key).toBeDefined();
  });

  it.each([
    [{}, 400, "invalid_request"],
    [{ url: "nonsense" }, 400, "invalid_url"],
    [{ url: "ftp://example.com/" }, 400, "invalid_url"],
    [{ url: "https://user:pass@example.com/" }, 400, "invalid_url"],
    [{ url: "http://10.0.0.1/hook" }, 403, "source_address_refused"],
    [{ url: "http://[::ffff:127.0.0.1]/" }, 403, "source_address_refused"],
    [{ url: "http://hooks.internal/" }, 403, "source_address_refused"],
    [{ url: `https://example.com/${"x".repeat(4096)}` }, 400, "invalid_request"],
    [{ url: "https://example.com/", events: [] }, 400, "invalid_request"],
    [{ url: "https://example.com/", events: ["webhook.test"] }, 400, "invalid_request"],
    [{ url: "https://example.com/", description: "a\0b" }, 400, "invalid_request"],
    [{ url: "https://example.com/", description: "\ud800" }, 400, "invalid_request"],
    [{ url: "https://example.com/", description: "x".repeat(201) }, 400, "invalid_request"],
    [
      { url: "https://example.com/", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
      400,
      "invalid_request",
    ],
  ])("refuse %j", async (json, status, code) => {
    const { call } = await tenantOf("refused");
    await expectProblem(await call("POST", endpointsPath, json), status, code);
    const own = await addEndpoint("refused", {}, await keyOf("refused-patch"));
    const patched = await new HeldQueue().ask(`${endpointsPath}/${own.id}`, {
      method: "PATCH",
      json,
      key: await keyOf("refused-patch"),
    });
    if (Object.keys(json).length > 0) await expectProblem(patched, status, code);
    const key = await keyOf("refused-patch");
    await new HeldQueue().ask(`${endpointsPath}/${own.id}`, { method: "DELETE", key });
  });

  it("are not made where intake may fetch but webhooks may not go", async () => {
    const { queue, call } = await tenantOf("narrow");
    const { WEBHOOK_ALLOWED_HOSTS: _, ...others } = queue.env;
    queue.env = { ...others, INTAKE_ALLOWED_HOSTS: new URL(hookUrl("x")).host };
    const refused = await expectProblem(
      await call("POST", endpointsPath, { url: hookUrl("narrow") }),
      403,
      "source_address_refused",
    );
    expect(refused.detail).toContain("WEBHOOK_ALLOWED_HOSTS");
  });

  it("take a test, which is sent once", async () => {
    await plan("test", { status: 500 });
    const { key, queue, call, get } = await tenantOf("test");
    const { id, secret } = await addEndpoint("test", { events: ["check.failed"] }, key, queue);
    const response = await call("POST", `${endpointsPath}/${id}/test`);
    expect(response.status).toBe(202);
    const delivery = webhookDeliverySchema.parse(await jsonOf(response));
    expect(response.headers.get("location")).toBe(`/v1/webhook-deliveries/${delivery.id}`);
    expect(delivery).toMatchObject({ type: "webhook.test", status: "pending", subject: id, attempts: [] });
    await queue.drain();
    const [request, ...more] = await received("test");
    expect(more).toEqual([]);
    expect(verified(secret, request!)).toMatchObject({ type: "webhook.test", data: { endpoint_id: id } });
    expect(await get(`/v1/webhook-deliveries/${delivery.id}`)).toMatchObject({ status: "failed" });
  });
});

describe("the tenant's own secret", () => {
  it("is one until it is rotated, and another tenant's is another", async () => {
    const { call, get } = await tenantOf("own-secret");
    const path = "/v1/webhook-secret";
    const first = await get(path);
    expect(first).toEqual({ secret: expect.stringMatching(/^whsec_/), previous_secret_until: null });
    expect(await get(path)).toEqual(first);
    const rotated = await jsonOf(await call("POST", `${path}/rotate`));
    expect(rotated.secret).not.toBe(first.secret);
    expect(await get(path)).toEqual(rotated);
    expect(rotated.previous_secret_until).not.toBeNull();
    const other = await (await tenantOf("own-secret-other")).get(path);
    expect([first.secret, rotated.secret]).not.toContain(other.secret);
  });

  it("is read under a new key of the operator's, and sealed anew by the sweep, so that the old one can go", async () => {
    const { queue, get } = await tenantOf("own-renewed");
    const before = await get("/v1/webhook-secret");
    const { WEBHOOK_SECRET_KEY: old } = queue.env;
    const renewed = { ...queue.env, WEBHOOK_SECRET_KEY: "the operator's next key" };
    queue.env = { ...renewed, WEBHOOK_SECRET_KEY_PREVIOUS: old! };
    expect(await get("/v1/webhook-secret")).toEqual(before);
    const sealedBy = (settings: typeof queue.env) =>
      resealWebhooks(requestContextOf(settings, createExecutionContext()));
    // Nothing to do while there is one key.
    expect(await sealedBy(renewed)).toEqual({ resealed: 0, unreadable: 0 });
    expect((await sealedBy(queue.env)).resealed).toBeGreaterThan(0);
    expect((await sealedBy(queue.env)).resealed).toBe(0);
    queue.env = renewed;
    expect(await get("/v1/webhook-secret")).toEqual(before);
    // As the other tests had it.
    await sealedBy({
      ...queue.env,
      WEBHOOK_SECRET_KEY: old!,
      WEBHOOK_SECRET_KEY_PREVIOUS: renewed.WEBHOOK_SECRET_KEY,
    });
  });

  it("that the operator's key does not open any more can be rotated", async () => {
    const { queue, call, get } = await tenantOf("own-lost");
    await get("/v1/webhook-secret");
    queue.env = { ...queue.env, WEBHOOK_SECRET_KEY: "another key of the operator" };
    const lost = await expectProblem(await call("GET", "/v1/webhook-secret"), 500, "internal_error");
    expect(lost.detail).toContain("rotate");
    const rotated = await jsonOf(await call("POST", "/v1/webhook-secret/rotate"));
    expect((await get("/v1/webhook-secret")).secret).toBe(rotated.secret);
  });
});

const WEBHOOK_OPERATIONS = OPERATIONS.filter(({ scope }) => scope === "webhooks:manage");

describe("who may", () => {
  const bodies: Record<string, unknown> = {
    createWebhookEndpoint: { url: "https://example.com/hook" },
    patchWebhookEndpoint: { description: "not mine" },
    replayWebhookEndpoint: { since: "2026-01-01T00:00:00Z" },
  };
  const named = WEBHOOK_OPERATIONS.filter(({ path }) => path.includes("{id}"));

  it.each(WEBHOOK_OPERATIONS.map(({ id, method, path }) => [id, method, path] as const))(
    "%s needs webhooks:manage",
    async (id, method, path) => {
      const under = await keyOf("scoped", ["checks:write", "references:read", "references:write"]);
      const enough = await keyOf("scoped", ["webhooks:manage"]);
      const to = path.replace("{id}", NOBODYS);
      const ask = (key: string) =>
        new HeldQueue().ask(to, {
          method: method.toUpperCase(),
          key,
          json: method === "get" ? undefined : bodies[id],
        });
      const refused = await expectProblem(await ask(under), 403, "insufficient_scope");
      expect(refused.detail).toContain("webhooks:manage");
      expect((await ask(enough)).status).not.toBe(403);
    },
  );

  it.each(named.map(({ id, method, path }) => [id, method, path] as const))(
    "%s of another tenant's id answers as of an unknown one",
    async (id, method, path) => {
      const mine = await tenantOf("isolated-mine");
      const endpoint = await addEndpoint("isolated", {}, mine.key, mine.queue);
      const delivery = await jsonOf(await mine.call("POST", `${endpointsPath}/${endpoint.id}/test`));
      const isDelivery = path.startsWith("/v1/webhook-deliveries");
      const theirs = await tenantOf("isolated-theirs");
      const ask = async (name: string) => {
        const response = await theirs.call(method.toUpperCase(), path.replace("{id}", name), bodies[id]);
        const { request_id: _, ...problem } = await jsonOf(response);
        return problem;
      };
      const answer = await ask(isDelivery ? delivery.id : endpoint.id);
      expect(answer).toEqual(await ask(isDelivery ? `dlv_${"0".repeat(26)}` : NOBODYS));
      expect(answer.status).toBe(404);
      expect(await mine.get(`${endpointsPath}/${endpoint.id}`)).toMatchObject({ description: "" });
      expect((await mine.call("DELETE", `${endpointsPath}/${endpoint.id}`)).status).toBe(204);
    },
  );

  it("another tenant's deliveries are in no list", async () => {
    const mine = await tenantOf("listed-mine");
    const endpoint = await addEndpoint("listed", {}, mine.key, mine.queue);
    await mine.call("POST", `${endpointsPath}/${endpoint.id}/test`);
    const theirs = await tenantOf("listed-theirs");
    expect((await theirs.get(endpointsPath)).data).toEqual([]);
    expect((await theirs.get("/v1/webhook-deliveries")).data).toEqual([]);
    expect((await mine.get("/v1/webhook-deliveries")).data).toHaveLength(1);
  });
});

describe("nonsense", () => {
  const ids = [
    "x",
    "%00",
    "%ff",
    "%",
    "whk_%E2%80%AE",
    "..%2f",
    "a".repeat(5000),
    "%ED%A0%80",
    "' OR 1=1 --",
  ];

  it.each(ids)("as an id: %s", async (id) => {
    const { call } = await tenantOf("nonsense");
    for (const path of [
      `${endpointsPath}/${id}`,
      `${endpointsPath}/${id}/deliveries`,
      `/v1/webhook-deliveries/${id}`,
    ]) {
      const { status } = await call("GET", path);
      expect([400, 404], path).toContain(status);
    }
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "cursor=x",
    `cursor=${encodeCursor(["a"])}`,
    `cursor=${encodeCursor(["2026-01-01T00:00:00.000Z", "\0"])}`,
    `cursor=${btoa('["\\ud800","\\ud800"]')}`,
    `cursor=${encodeCursor(["9", NOBODYS])}`,
    "status=broken",
    "since=yesterday",
    "since=2026-13-01T00:00:00Z",
    "since=2026-01-01T00:00:00",
    "library=x",
  ])("in a query: %s", async (query) => {
    const { key, queue, call } = await tenantOf("nonsense");
    const { id } = await addEndpoint("nonsense", {}, key, queue);
    for (const path of ["/v1/webhook-deliveries", `${endpointsPath}/${id}/deliveries`]) {
      await expectProblem(await call("GET", `${path}?${query}`), 400, "invalid_request");
    }
    await call("DELETE", `${endpointsPath}/${id}`);
  });

  it.each(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"])(
    "a time of little use: %s",
    async (since) => {
      const { key, queue, call } = await tenantOf("edge-of-time");
      const { id } = await addEndpoint("edge-of-time", {}, key, queue);
      expect((await call("GET", `/v1/webhook-deliveries?since=${since}`)).status).toBe(200);
      expect((await call("POST", `${endpointsPath}/${id}/replay`, { since })).status).toBe(202);
    },
  );
});
