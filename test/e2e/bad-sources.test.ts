// Addresses that the edge does not fetch, or that give no video.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { expectProblem } from "./api.ts";
import { scene } from "./clips.ts";
import { api, fileUrl, shared, upstreamUrl } from "./running.ts";

const library = "bad-sources";
const check = (url: string) => api.ask("POST", "/v1/checks", { json: { url, library } });
const redirects = (times: number, to: string) =>
  upstreamUrl(`/redirects/${times}?to=${encodeURIComponent(to)}`);

/** Counts who comes to an address that no operator has allowed. */
async function forbiddenServer() {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, requests: () => requests, [Symbol.dispose]: () => server.close() };
}

describe("an address inside the network is refused:", () => {
  test.each([
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[fe80::1]",
    "[fd00::1]",
    "localhost",
    "LOCALHOST.",
    "foo.localhost",
  ])("%s", async (host) => {
    using server = await forbiddenServer();
    expectProblem(
      await check(`http://${host}:${server.port}/video.mp4`),
      "source_address_refused",
      /public internet/,
    );
    expect(server.requests()).toBe(0);
  });

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "metadata.google.internal",
    "printer.local",
    "intranet",
  ])("%s", async (host) => {
    for (const url of [`http://${host}/video.mp4`, `https://${host}:8443/video.mp4`]) {
      expectProblem(await check(url), "source_address_refused", /upload the video's bytes/);
    }
  });

  test.each(["10.lookup.example.com", "loopback.example.com", "mixed.example.com"])(
    "%s, by what the name resolves to",
    async (host) => {
      using server = await forbiddenServer();
      for (const url of [
        `http://${host}:${server.port}/v.mp4`,
        redirects(2, `http://${host}:${server.port}/v.mp4`),
      ])
        expectProblem(await check(url), "source_address_refused", /public internet/);
      expect(server.requests()).toBe(0);
    },
  );

  test("another port of a host that is allowed", async () => {
    using server = await forbiddenServer();
    const [host] = shared.upstreamHost.split(":");
    const url = `http://${host}:${server.port}/video.mp4`;
    expectProblem(await check(url), "source_address_refused", /INTAKE_ALLOWED_HOSTS/);
    expect(server.requests()).toBe(0);
  });

  test("for a reference and the short contract as well", async () => {
    const url = "http://169.254.169.254/latest/meta-data.mp4";
    for (const path of ["/v1/references", "/check-video-duplicate"]) {
      expectProblem(
        await api.ask("POST", path, { json: { url } }),
        "source_address_refused",
        /public internet/,
      );
    }
  });
});

describe("what is no web address is refused:", () => {
  test.each([
    { url: "video.mp4", says: /absolute URL/ },
    { url: "http://", says: /absolute URL/ },
    { url: "http://exa mple.com/v.mp4", says: /absolute URL/ },
    { url: "ftp://example.com/v.mp4", says: /http/ },
    { url: "file:///etc/passwd", says: /http/ },
    { url: "data:video/mp4;base64,AAAA", says: /http/ },
    { url: "concat:a.mp4|b.mp4", says: /http/ },
    { url: "https://user:secret@example.com/v.mp4", says: /password/ },
  ])("$url", async ({ url, says }) => {
    const problem = expectProblem(await check(url), "invalid_url", says);
    expect(problem.detail).not.toContain("secret");
  });
});

describe("a redirect", () => {
  test("is followed, five times", async () => {
    const { status, body } = await check(redirects(5, fileUrl(await scene("valley"))));
    expect({ status, verdict: body.verdict }).toEqual({ status: 200, verdict: "unique" });
  });

  test("is not followed a sixth time", async () => {
    const url = redirects(6, fileUrl(await scene("valley")));
    expectProblem(await check(url), "too_many_redirects", /more than 5/);
  });

  test("to a private address is refused, on the first hop and the last", async () => {
    using server = await forbiddenServer();
    for (const to of [`http://127.0.0.1:${server.port}/v.mp4`, `http://[::1]:${server.port}/v.mp4`]) {
      for (const times of [1, 5]) {
        expectProblem(await check(redirects(times, to)), "source_address_refused", /public internet/);
      }
    }
    expect(server.requests()).toBe(0);
  });

  test("to another scheme is refused", async () => {
    expectProblem(await check(redirects(1, "file:///etc/passwd")), "invalid_url", /http/);
  });
});

describe("a source that fails", () => {
  test.each([
    { path: "/status/404", code: "source_rejected", says: /status 404/ },
    { path: "/status/403", code: "source_rejected", says: /without a login/ },
    { path: "/status/500", code: "source_failed", says: /Try again/ },
    { path: "/reset", code: "source_failed", says: /Try again/ },
    { path: "/short", code: "source_failed", says: /before the whole video/ },
    { path: "/empty", code: "empty_video", says: /no bytes/ },
  ] as const)("$path is $code", async ({ path, code, says }) => {
    const problem = expectProblem(await check(upstreamUrl(path)), code, says);
    expect(JSON.stringify(problem)).not.toMatch(/words of the upstream/);
  });

  test("makes no reference", async () => {
    const json = { url: upstreamUrl("/reset"), id: "reset", library };
    expectProblem(await api.ask("POST", "/v1/references", { json }), "source_failed", /upload the video/);
    const read = await api.ask("GET", `/v1/references/reset?library=${library}`);
    expectProblem(read, "reference_not_found", /"reset"/);
  });
});
