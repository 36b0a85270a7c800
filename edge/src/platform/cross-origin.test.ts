import { createExecutionContext } from "cloudflare:test";
import { expect, it } from "vitest";
import { ask, env, expectProblem } from "../../test/client.ts";
import { API_KEY } from "../../test/settings.ts";
import worker from "../index.ts";

const origin = "https://app.example";
const allowing = { ...env, CORS_ORIGINS: `${origin}, https://other.example:8443` };

const send = (path: string, method: string, headers: Record<string, string>) =>
  worker.fetch(
    new Request(`http://edge.test${path}`, { method, headers }) as never,
    allowing,
    createExecutionContext(),
  );
const preflight = (from: string) =>
  send("/v1/checks", "OPTIONS", {
    origin: from,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,idempotency-key",
  });
const authorization = `Bearer ${API_KEY}`;

it.each([origin, "https://other.example:8443"])("a page of %s may ask first", async (from) => {
  const { status, headers } = await preflight(from);
  expect(status).toBe(204);
  expect(headers.get("access-control-allow-origin")).toBe(from);
  expect(headers.get("access-control-allow-methods")!.split(",")).toEqual(
    expect.arrayContaining(["POST", "DELETE"]),
  );
  const allowed = headers.get("access-control-allow-headers")!.split(",");
  expect(allowed).toEqual(
    expect.arrayContaining(["authorization", "content-type", "idempotency-key", "prefer"]),
  );
  expect(headers.get("vary")?.toLowerCase()).toContain("origin");
  expect(headers.get("access-control-allow-credentials")).toBeNull();
});

it("and read the answer, also a refusal", async () => {
  for (const key of [authorization, "Bearer wrong"]) {
    const { headers } = await send("/v1/checks/none", "GET", { origin, authorization: key });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("vary")?.toLowerCase()).toContain("origin");
    const exposed = headers.get("access-control-expose-headers")!.split(",");
    expect(exposed).toEqual(expect.arrayContaining(["x-request-id", "ratelimit", "location", "retry-after"]));
  }
});

it.each(["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"])(
  "a page of %s may not",
  async (from) => {
    expect((await preflight(from)).headers.get("access-control-allow-origin")).toBeNull();
    const { headers } = await send("/v1/checks/none", "GET", { origin: from, authorization });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("vary")?.toLowerCase()).toContain("origin");
  },
);

it("OPTIONS that is no preflight is a method like any other", async () => {
  const response = await send("/v1/checks", "OPTIONS", { origin });
  await expectProblem(response as never, 405, "method_not_allowed");
});

it("without origins there is nothing of all this", async () => {
  const headers = { origin, "access-control-request-method": "POST" };
  const response = await ask("/v1/checks", { method: "OPTIONS", headers, key: null });
  expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  await expectProblem(response, 405, "method_not_allowed");
});
