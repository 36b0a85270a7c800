import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer } from "node:net";
import { OUTBOUND_RESULT_HEADER, OUTBOUND_URL_HEADER } from "@twinframe/edge/ingest/outbound";
import { expect, onTestFinished, test } from "vitest";
import { startOutboundProxy } from "./outbound-proxy.ts";

const PUBLIC = "93.184.215.14";

/** A proxy in a world where names say what `answers` has, one a look-up, and every address is this server. */
async function world(...answers: string[][]) {
  const seen: { method: string; host: string; path: string; body: string; extra: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { host = "", "x-extra": extra } = request.headers;
    const body = Buffer.concat(parts).toString();
    seen.push({ method: request.method!, host, path: request.url!, body, extra });
    response
      .writeHead(307, { location: "http://127.0.0.1/", [OUTBOUND_RESULT_HEADER]: "refused" })
      .end("video");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connected: string[][] = [];
  let lookedUp = 0;
  const proxy = await startOutboundProxy({
    lookUp: async () => answers[Math.min(lookedUp++, answers.length - 1)] ?? [],
    connect: (addresses, asked) => {
      connected.push([...addresses, String(asked)]);
      return connect(port, "127.0.0.1");
    },
  });
  onTestFinished(() => {
    proxy.close();
    server.close().closeAllConnections();
  });
  const ask = (url: string, init: RequestInit = {}) =>
    fetch(proxy.url, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, [OUTBOUND_URL_HEADER]: url },
    });
  const resultOf = async (url: string) => (await ask(url)).headers.get(OUTBOUND_RESULT_HEADER);
  return { proxy, ask, resultOf, seen, connected, lookedUp: () => lookedUp };
}

test("the outbound proxy forwards a request to a public address unchanged, and does not follow its redirect", async () => {
  const { ask, seen, connected } = await world([PUBLIC]);
  const response = await ask("http://example.com:8080/a?b=c", {
    method: "POST",
    body: "hello",
    headers: { "x-extra": "e" },
  });
  expect([response.status, response.headers.get("location"), await response.text()]).toEqual([
    ...[307, "http://127.0.0.1/", "video"],
  ]);
  // What the other side says of it is not what we say.
  expect(response.headers.get(OUTBOUND_RESULT_HEADER)).toBe("answered");
  expect(seen).toEqual([
    { method: "POST", host: "example.com:8080", path: "/a?b=c", body: "hello", extra: "e" },
  ]);
  expect(connected).toEqual([[PUBLIC, "8080"]]);
});

test.each([
  [["127.0.0.1"]],
  [["10.0.0.1"]],
  [["169.254.169.254"]],
  [["::1"]],
  [["::ffff:127.0.0.1"]],
  [["64:ff9b::a00:1"]],
  [["fe80::1%eth0"]],
  [[PUBLIC, "127.0.0.1"]],
  [["::1", PUBLIC]],
  [["nonsense"]],
])("a name that says %j is not connected to", async (addresses) => {
  const { resultOf, connected } = await world(addresses);
  expect(await resultOf("http://example.com/")).toBe("refused");
  expect(connected).toEqual([]);
});

test("the outbound proxy resolves a name once, and connects to the address that it checked (DNS rebinding)", async () => {
  const { resultOf, connected, lookedUp } = await world([PUBLIC], ["127.0.0.1"]);
  expect(await resultOf("http://rebind.example.com/")).toBe("answered");
  expect([lookedUp(), connected]).toEqual([1, [[PUBLIC, "80"]]]);
  expect(await resultOf("http://rebind.example.com/")).toBe("refused");
});

test("the outbound proxy checks literal addresses without resolving them", async () => {
  const { resultOf, connected, lookedUp } = await world(["127.0.0.1"]);
  expect(await resultOf("http://127.0.0.1/")).toBe("refused");
  expect(await resultOf("http://[::ffff:7f00:1]/")).toBe("refused");
  expect(await resultOf("ftp://example.org/")).toBe("refused");
  expect(await resultOf("http://8.8.8.8/")).toBe("answered");
  expect(await resultOf("http://[2606:4700::1111]/")).toBe("answered");
  expect([lookedUp(), connected]).toEqual([
    0,
    [
      ["8.8.8.8", "80"],
      ["2606:4700::1111", "80"],
    ],
  ]);
});

test("the outbound proxy reports an unresolvable name and a refused connection as failed", async () => {
  const { resultOf } = await world([]);
  expect(await resultOf("http://example.com/")).toBe("failed");
  const proxy = await startOutboundProxy({
    lookUp: async () => [PUBLIC],
    connect: () => connect(1, "127.0.0.1"),
  });
  onTestFinished(proxy.close);
  const response = await fetch(proxy.url, { headers: { [OUTBOUND_URL_HEADER]: "http://example.com/" } });
  expect(response.headers.get(OUTBOUND_RESULT_HEADER)).toBe("failed");
});

test("the outbound proxy sends the requested host name in TLS (SNI)", async () => {
  const hello = Promise.withResolvers<Buffer>();
  const server = createSocketServer((socket) => {
    socket.once("data", (bytes) => {
      hello.resolve(bytes);
      socket.destroy();
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await startOutboundProxy({
    lookUp: async () => [PUBLIC],
    connect: () => connect(port, "127.0.0.1"),
  });
  onTestFinished(() => {
    proxy.close();
    server.close();
  });
  const response = await fetch(proxy.url, { headers: { [OUTBOUND_URL_HEADER]: "https://example.com/" } });
  expect(response.headers.get(OUTBOUND_RESULT_HEADER)).toBe("failed");
  const bytes = await hello.promise;
  expect([bytes[0], bytes.includes("example.com")]).toEqual([0x16, true]);
});

test("the outbound proxy answers 404 without its secret path", async () => {
  const { proxy, seen } = await world([PUBLIC]);
  const headers = { [OUTBOUND_URL_HEADER]: "http://example.com/" };
  for (const path of ["/", "/x", `${new URL(proxy.url).pathname}/`])
    expect((await fetch(new URL(path, proxy.url), { headers })).status).toBe(404);
  expect(seen).toEqual([]);
});
