// Nobody gets in: the application's own table of routes × spellings × ways to send a body, unsigned and signed with
// another secret, directly and through HAProxy as shipped. What must not be seen is a handler that begins to run. A
// route that is added is in the table, and so in here.

import { join } from "node:path";
import {
  isHaproxyInstalled,
  type RunningHaproxy,
  startHaproxy,
} from "@twinframe/infra/deploy/running-haproxy";
import { CONTENT_HEADER, EMPTY_SHA256, NONCE_HEADER, signRequest } from "@twinframe/shared/signing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, scratchFolder } from "./clips.ts";
import { FRAMINGS } from "./gate/framings.ts";
import { HandlerProbe } from "./gate/handler-probe.ts";
import { type RawRequest, sendRaw } from "./gate/raw-request.ts";
import { spellingsOf } from "./gate/spellings.ts";
import { BACKEND_SECRET, INSTALLATION, type RunningBackend, startBackend } from "./running-backend.ts";

const METRICS_TOKEN = "a-token-only-for-the-metrics";
const AT_ONCE = 16;
const NO_BODY = FRAMINGS[0]!;
/** Anybody may ask these, whatever the spelling. */
const FOR_ALL = ["/livez", "/readyz"];
/** What the parameters of a path are filled with: things that are there. */
const THERE: Record<string, string> = { tenant: "acme", library: "default", id: "a" };

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let probe: HandlerProbe;
let haproxy: RunningHaproxy | undefined;
let routes: { method: string; path: string; url: string; isPublic: boolean }[];
beforeAll(async () => {
  scratch = await scratchFolder();
  backend = await startBackend(join(scratch.path, "state"), { TWINFRAME_METRICS_TOKEN: METRICS_TOKEN });
  const task = { kind: "reference" as const, reference_id: "a" };
  await backend.analyse("job_a", await backend.requestFor(await clip(), { task }));
  const live = ((await (await backend.send("GET", "/internal/index")).json()) as { live: string }).live;
  const filled = (url: string) => url.replace(/:(\w+)/g, (_, name: string) => THERE[name] ?? live);
  routes = backend.routes.map((route) => ({ ...route, path: filled(route.url) }));
  if (isHaproxyInstalled()) haproxy = await startHaproxy({ backend: backend.port });
  probe = new HandlerProbe();
});
afterAll(async () => {
  probe.close();
  haproxy?.stop();
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

const contentOf = async () => {
  const overview = (await (await backend.send("GET", "/internal/index")).json()) as { live: string };
  const entries = await backend.send("GET", `/internal/index/entries?generation=${overview.live}`);
  return { overview, entries: await entries.json() };
};

/** Every route in every spelling, each with the next way to send a body, so that all of them meet. */
function* attacks(sign: (method: string, target: string) => Promise<Record<string, string>>) {
  let turn = 0;
  for (const { method, path } of routes)
    for (const { kind, target } of spellingsOf(path)) {
      const framing = FRAMINGS[turn++ % FRAMINGS.length]!;
      yield { kind: `${kind}, ${framing.kind}`, method, target, framing, sign };
    }
}

/** Sends all of them; what got through, and how many there were. */
async function attack(port: number, sign: Parameters<typeof attacks>[0]) {
  const through: string[] = [];
  let sent = 0;
  const queue = attacks(sign);
  const lane = async () => {
    for (const { kind, method, target, framing } of queue) {
      const requestId = `attack_${sent++}`;
      const headers = { "x-request-id": requestId, ...(await sign(framing.method ?? method, target)) };
      const { status } = await sendRaw(port, { method, target, headers, framing });
      const ran = probe.take(requestId);
      const isAnswered = status !== null && status < 400;
      if (ran.some((url) => !FOR_ALL.includes(url)) || (isAnswered && ran.length === 0))
        through.push(`${method} ${target} (${kind}): ${status} ${ran}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { through, sent };
}

const unsigned = async () => ({});
const signedByAnother = (method: string, path: string) =>
  signRequest("a secret of somebody else", { method, path, body: "{}" });

describe.each([
  ["directly", () => backend.port],
  ["through HAProxy, where it is installed", () => haproxy?.port],
] as const)("%s", (_, portOf) => {
  it.each([
    ["unsigned", unsigned],
    ["signed with another secret", signedByAnother],
  ] as const)("no handler runs for what is %s", async (_what, sign) => {
    const port = portOf();
    if (port === undefined) return;
    const before = await contentOf();
    probe.clear();
    const { through, sent } = await attack(port, sign);
    expect(through).toEqual([]);
    expect(probe.all.filter((url) => !FOR_ALL.includes(url))).toEqual([]);
    expect(sent).toBe(routes.length * spellingsOf("/a").length);
    expect(await contentOf()).toEqual(before);
  });
});

it("only health and the guarded figures are public", () => {
  const names = routes.filter(({ isPublic }) => isPublic).map(({ method, url }) => `${method} ${url}`);
  const paths = ["/livez", "/metrics", "/readyz"];
  expect(names.sort()).toEqual(["GET", "HEAD"].flatMap((method) => paths.map((path) => `${method} ${path}`)));
});

describe("signed", () => {
  const REFERENCE = `/internal/tenants/acme/libraries/default/references/nobody?installation=${INSTALLATION}`;
  const JSON_BODY = FRAMINGS.find(({ kind }) => kind === "JSON")!;
  const sign = (method: string, path: string, body = "") =>
    signRequest(BACKEND_SECRET, { method, path, body });
  let sent = 0;
  /** The status, and how many handlers began for this request; the balancer asks how the backend is meanwhile. */
  async function send(request: Partial<RawRequest> & Pick<RawRequest, "headers">, port = backend.port) {
    const requestId = `signed_${sent++}`;
    const { status } = await sendRaw(port, {
      method: "DELETE",
      target: REFERENCE,
      framing: NO_BODY,
      ...request,
      headers: { "x-request-id": requestId, ...request.headers },
    });
    return { status, ran: probe.take(requestId).length };
  }
  const refused = { status: 401, ran: 0 };

  it("otherwise than it is sent, it is refused", async () => {
    const encoded = REFERENCE.replace("i", "%69");
    const absolute = `http://any${REFERENCE}`;
    const ours = await sign("DELETE", REFERENCE);
    const attempts: (Partial<RawRequest> & Pick<RawRequest, "headers">)[] = [
      { target: encoded, headers: ours },
      { target: absolute, headers: ours },
      { target: absolute, headers: await sign("DELETE", absolute) },
      { target: `${REFERENCE}&job_id=x`, headers: ours },
      { headers: { ...ours, [NONCE_HEADER]: "0".repeat(22) } },
      { headers: { ...ours, [CONTENT_HEADER]: EMPTY_SHA256.replace("e3", "e4") } },
      ...FRAMINGS.filter(({ kind }) => /^(?:JSON|chunked, |untyped|text|form|expects)/.test(kind)).map(
        (framing) => ({
          framing,
          headers: ours,
        }),
      ),
      {
        method: "GET",
        target: "/internal/index",
        framing: JSON_BODY,
        headers: await sign("GET", "/internal/index"),
      },
      { method: "GET", target: "/internal/index", headers: await sign("GET", "/internal/index", "{}") },
    ];
    for (const request of attempts) expect(await send(request), JSON.stringify(request)).toEqual(refused);
    for (const port of [backend.port, haproxy?.port ?? backend.port])
      expect(await send({ headers: await sign("DELETE", REFERENCE) }, port)).toEqual({ status: 200, ran: 1 });
  });

  it("with a body that is no JSON, it is not worked on", async () => {
    const framing = FRAMINGS.find(({ kind }) => kind === "text")!;
    const headers = await sign("PUT", "/internal/index/live", "{}");
    const request = { method: "PUT", target: "/internal/index/live", framing, headers };
    expect(await send(request)).toEqual({ status: 415, ran: 0 });
  });

  it("and sent again, it is refused where it changes something; sent anew, it is not", async () => {
    const headers = await sign("DELETE", REFERENCE);
    expect(await send({ headers })).toEqual({ status: 200, ran: 1 });
    for (const framing of [NO_BODY, FRAMINGS[1]!])
      expect(await send({ headers, framing })).toEqual({ status: 409, ran: 0 });
    const atOnce = await sign("DELETE", REFERENCE);
    const statuses = await Promise.all([send({ headers: atOnce }), send({ headers: atOnce })]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await send({ headers: await sign("DELETE", REFERENCE) })).toEqual({ status: 200, ran: 1 });
  });

  it("before the process began, it may have been worked on by the one before it, and is refused", async () => {
    const signed = { method: "DELETE", path: REFERENCE, body: "" };
    const headers = await signRequest(BACKEND_SECRET, signed, Date.now() - 250_000);
    expect(await send({ headers })).toEqual({ status: 503, ran: 0 });
  });

  it("with either of two secrets, it is taken; beyond the nonces that can be remembered, it is not", async () => {
    const settings = {
      TWINFRAME_SIGNING_SECRET_PREVIOUS: "the secret before this",
      TWINFRAME_MAX_NONCES: "2",
    };
    const other = await startBackend(join(scratch.path, "other"), settings);
    const headersOf = (secret: string) =>
      signRequest(secret, { method: "DELETE", path: REFERENCE, body: "" });
    try {
      for (const secret of [BACKEND_SECRET, "the secret before this"])
        expect(await send({ headers: await headersOf(secret) }, other.port)).toMatchObject({ status: 200 });
      expect(await send({ headers: await headersOf(BACKEND_SECRET) }, other.port)).toMatchObject({
        status: 503,
      });
    } finally {
      await other.close();
    }
  });

  it("deletes references of the longest names", async () => {
    const id = "a~:@+".repeat(40);
    const path = REFERENCE.replace("nobody", encodeURIComponent(id));
    expect(await send({ target: path, headers: await sign("DELETE", path) })).toEqual({
      status: 200,
      ran: 1,
    });
  });

  // The last one: it deletes what is there.
  it("each route's handler runs, once where it changes something", async () => {
    for (const { method, path, url, isPublic } of routes) {
      const hasBody = ["PUT", "POST"].includes(method);
      const framing = hasBody ? JSON_BODY : NO_BODY;
      const headers = await sign(method, path, hasBody ? "{}" : "");
      const token = url === "/metrics" ? { authorization: `Bearer ${METRICS_TOKEN}` } : {};
      const request = { method, target: path, framing, headers: { ...headers, ...token } };
      expect(await send(request), `${method} ${path}`).toMatchObject({ ran: 1 });
      const isSafe = ["GET", "HEAD"].includes(method);
      expect(await send(request), `${method} ${path}`).toMatchObject({ ran: isSafe || isPublic ? 1 : 0 });
    }
  });
});
