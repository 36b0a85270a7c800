// Every operation that the API describes, with every key that must not do it: what is added to the app is
// covered from then on. Only the ids of other tenants need to be told how they come into being, in `OWNED`.

import { SCOPES } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, expectProblem, jsonOf, upstream } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { OPERATIONS, type Operation } from "../../test/operations.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { app } from "../app.ts";

const past = "2020-01-01T00:00:00.000Z";
const PARAMETER = /\{[^}]+\}/g;
const guarded = OPERATIONS.filter(({ scope }) => scope !== null);
const nameOf = ({ method, path }: Operation) => `${method.toUpperCase()} ${path}`;

const send = ({ method, path }: Operation, key: string | null, id = "none") =>
  ask(path.replace(PARAMETER, id), { method: method.toUpperCase(), key });

describe.each(guarded.map((operation) => [nameOf(operation), operation] as const))("%s", (_, operation) => {
  it("needs a key", async () => {
    const response = await send(operation, null);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
    await expectProblem(response, 401, "missing_api_key");
  });

  it("needs a valid one", async () => {
    const wrong = [
      "wrong",
      await makeKey(["admin"], { expires: past }),
      await makeKey(["admin"], { revoked: past }),
    ];
    for (const key of wrong) await expectProblem(await send(operation, key), 401, "invalid_api_key");
  });

  it("needs its scope, and no other", async () => {
    const others = SCOPES.filter((scope) => scope !== operation.scope && scope !== "admin");
    const problem = await expectProblem(
      await send(operation, await makeKey(others)),
      403,
      "insufficient_scope",
    );
    expect(problem.detail).toContain(operation.scope);
    const also = operation.operator ? ["operator"] : [];
    if (operation.also !== undefined) also.push(operation.also);
    for (const scope of [operation.scope!, "admin"]) {
      const response = await send(operation, await makeKey([scope, ...also]));
      expect([401, 403], await response.text()).not.toContain(response.status);
    }
  });
});

const doubly = guarded.filter(({ also }) => also !== undefined);
it.each(doubly.map((operation) => [nameOf(operation), operation] as const))(
  "%s needs its other scope, too",
  async (_, operation) => {
    const key = await makeKey(SCOPES.filter((scope) => ![operation.also, "admin"].includes(scope)));
    const problem = await expectProblem(await send(operation, key), 403, "insufficient_scope");
    expect(problem.detail).toContain(operation.also);
  },
);

describe("a check that may make a reference needs references:write, too", () => {
  const video = () => videoBytes(900, "joins");
  const json = (more: object) => ({ json: { index: "if_unique", ...more } });
  it.each<[string, Parameters<typeof ask>]>([
    ["the bytes", ["/v1/checks?index=if_unique&library=unscoped", { bytes: video() }]],
    ["an address", ["/v1/checks", json({ url: upstream("/known/900/joins.mp4"), library: "unscoped" })]],
    ["an upload", ["/v1/checks", json({ upload_id: `upl_${"0".repeat(26)}`, library: "unscoped" })]],
    ["a hash", ["/v1/checks", json({ sha256: "0".repeat(64), library: "unscoped" })]],
  ])("given by %s", async (what, [path, options]) => {
    const headers = { "idempotency-key": `scoped by ${what}`.replaceAll(" ", "-") };
    const asked = async (...scopes: string[]) =>
      ask(path, { ...options!, headers, key: await makeKey(scopes) });
    const problem = await expectProblem(await asked("checks:write"), 403, "insufficient_scope");
    expect(problem.detail).toContain("references:write");
    // The refusal is not kept for a key of the same tenant that may.
    expect((await asked("checks:write", "references:write")).status).not.toBe(403);
  });

  it("and one that makes none does not", async () => {
    const key = await makeKey(["checks:write"]);
    const response = await ask("/v1/checks?index=never&library=unscoped", { bytes: video(), key });
    expect(response.status).toBe(200);
  });
});

const operators = guarded.filter(({ operator }) => operator);
it.each(operators.map((operation) => [nameOf(operation), operation] as const))(
  "%s needs an operator's key, whatever else it may",
  async (_, operation) => {
    const key = await makeKey(SCOPES.filter((scope) => scope !== "operator"));
    const problem = await expectProblem(await send(operation, key), 403, "insufficient_scope");
    expect(problem.detail).toContain("operator");
  },
);

it("no route is open that is not meant to be", async () => {
  const open = OPERATIONS.filter(({ scope }) => scope === null).map(nameOf);
  const isOpen = (name: string) => open.includes(name) || / \/(?:internal\/|docs|openapi\.json)/.test(name);
  const routes = app.routes.filter(({ method }) => method !== "ALL");
  const names = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`));
  expect(names.size).toBeGreaterThanOrEqual(guarded.length);
  for (const name of [...names].filter((one) => !isOpen(one))) {
    const [method, path] = name.split(" ") as [string, string];
    const response = await ask(path.replace(PARAMETER, "none"), { method, key: null });
    expect(response.status, name).toBe(401);
  }
});

describe("another tenant's", () => {
  /** By the path before the id: makes one with this key, and says how it is called. */
  const OWNED: Record<string, (key: string) => Promise<string>> = {
    "/v1/checks": async (key) =>
      (await jsonOf(await ask("/v1/checks", { key, bytes: videoBytes(900, "a") }))).id,
    "/v1/references": async (key) =>
      (await jsonOf(await ask("/v1/references?id=mine", { key, bytes: videoBytes(900, "b") }))).id,
    "/v1/keys": async (key) =>
      (await jsonOf(await ask("/v1/keys", { key, json: { name: "k", scopes: ["admin"] } }))).id,
    "/v1/webhook-endpoints": async (key) => (await jsonOf(await ask("/v1/webhook-endpoints", hook(key)))).id,
    "/v1/webhook-deliveries": async (key) => {
      const { id } = await jsonOf(await ask("/v1/webhook-endpoints", hook(key)));
      return (await jsonOf(await ask(`/v1/webhook-endpoints/${id}/test`, { key, method: "POST" }))).id;
    },
    "/v1/uploads": async (key) => (await jsonOf(await ask("/v1/uploads", { key, json: { bytes: 1000 } }))).id,
    "/v1/libraries": async (key) =>
      (await jsonOf(await ask("/v1/libraries", { key, json: { name: "their-own" } }))).name,
    "/v1/imports": async (key) => (await jsonOf(await ask("/v1/imports", lines(key)))).id,
  };
  const lines = (key: string) => ({
    key,
    headers: { "content-type": "application/x-ndjson" },
    bytes: '{"url": "http://127.0.0.1:1/a.mp4"}',
  });
  const hook = (key: string) => ({ key, json: { url: "https://hooks.example/a" } });
  const UNKNOWN: Record<string, string> = { "/v1/keys": "key_00000000000000000000000000" };
  // What only operators may do is no tenant's.
  const withId = guarded.filter(({ path, operator }) => path.includes("{") && !operator);
  const familyOf = ({ path }: Operation) => path.slice(0, path.indexOf("/{"));
  const ids: Record<string, string> = {};
  let owner: string;
  let stranger: string;

  beforeAll(async () => {
    owner = await makeKey(["admin"], { tenant: "owner" });
    stranger = await makeKey(["admin"], { tenant: "stranger" });
    for (const [family, make] of Object.entries(OWNED)) ids[family] = await make(owner);
  });

  it("ids are made for every operation that takes one", () => {
    const missing = withId.map(familyOf).filter((family) => OWNED[family] === undefined);
    expect([...new Set(missing)], "say in OWNED how these come into being").toEqual([]);
  });

  /** The answer, less what may differ. */
  async function told(operation: Operation, id: string) {
    const response = await send(operation, stranger, id);
    const body = (await response.text()).replaceAll(id, "ID").replace(/req_[0-9a-z]{26}/g, "REQUEST");
    const headers = [...response.headers].filter(
      ([name]) => !/^(?:x-request-id|ratelimit|content-length)$/.test(name),
    );
    return { status: response.status, headers, body };
  }

  const known = withId.filter((operation) => OWNED[familyOf(operation)] !== undefined);
  it.each(known.map((operation) => [nameOf(operation), operation] as const))(
    "id answers as an unknown one: %s",
    async (_, operation) => {
      const family = familyOf(operation);
      const answer = await told(operation, ids[family]!);
      expect(answer).toEqual(await told(operation, UNKNOWN[family] ?? "none"));
      expect(answer.status).toBeGreaterThanOrEqual(400);
    },
  );

  it("things are as they were", async () => {
    for (const [family, id] of Object.entries(ids)) {
      expect((await ask(`${family}/${id}`, { key: owner })).status, family).toBe(200);
    }
    const key = await jsonOf(await ask(`/v1/keys/${ids["/v1/keys"]}`, { key: owner }));
    expect(key).toMatchObject({ status: "active", previous_secret_expires_at: null });
  });
});
