import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLinkStore, createVideoStore, removeLeftoverVideos } from "./index.ts";
import { serve, type TestingServer } from "./testing-server.ts";

const content = randomBytes(300_000);
const sha256 = createHash("sha256").update(content).digest("hex");
const maxBytes = 1_000_000;
let directory: string;
let server: TestingServer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "twinframe-store-"));
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const whole: Answer = (_request, response) => {
  response.setHeader("content-length", content.length);
  response.end(content);
};

async function fetchFrom(
  answer: Answer,
  options: { maxBytes?: number; expectedSha256?: string; signal?: AbortSignal } = {},
  timeoutMs = 20_000,
) {
  server = await serve(answer);
  const store = createLinkStore({
    allowedOrigins: [server.origin],
    timeouts: { answerMs: timeoutMs, idleMs: timeoutMs },
  });
  const source = { kind: "url", url: `${server.origin}/objects/a?signature=secret` } as const;
  return store.fetchToFile(source, { directory, maxBytes, ...options });
}

describe("a video behind a signed link", () => {
  test("is stored whole, private, and removed at disposal", async () => {
    const video = await fetchFrom(whole, { expectedSha256: sha256 });
    expect(video).toMatchObject({ bytes: content.length, sha256 });
    expect(await readFile(video.file)).toEqual(content);
    expect((await stat(video.file)).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o644 : 0o600);
    await video[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual([]);
  });

  test("is asked for without compression, and with its whole query", async () => {
    await using _video = await fetchFrom(whole);
    expect(server.requests[0]).toMatchObject({ url: "/objects/a?signature=secret" });
    expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test.each<{ name: string; answer: Answer; code: string }>([
    { name: "gone", answer: (_, response) => response.writeHead(404).end(), code: "object_not_found" },
    {
      name: "not ours any more",
      answer: (_, response) => response.writeHead(403).end(),
      code: "source_failed",
    },
    { name: "broken", answer: (_, response) => response.writeHead(500).end(), code: "source_failed" },
    {
      name: "redirected",
      answer: (request, response) =>
        request.url === "/target"
          ? whole(request, response)
          : response.writeHead(302, { location: "/target" }).end(),
      code: "source_failed",
    },
    {
      name: "reset before the answer",
      answer: (request) => request.socket.resetAndDestroy(),
      code: "source_failed",
    },
    {
      name: "reset within the body",
      answer: (request, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 100_000), () => request.socket.resetAndDestroy());
      },
      code: "source_failed",
    },
    {
      name: "shorter than it says",
      answer: (request, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 100_000), () => request.socket.end());
      },
      code: "source_failed",
    },
    { name: "never answered", answer: () => {}, code: "source_timeout" },
    {
      name: "stuck within the body",
      answer: (_, response) => void response.writeHead(200).write(content.subarray(0, 100_000)),
      code: "source_timeout",
    },
  ])("fails as what it is when it is $name, and leaves nothing behind", async ({ answer, code }) => {
    const error = await fetchFrom(answer, {}, code === "source_timeout" ? 100 : undefined).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    expect(String((error as Error).message)).not.toContain("secret");
    expect(server.requests.map(({ url }) => url)).not.toContain("/target");
    expect(await readdir(directory)).toEqual([]);
  });

  test("is refused when it says that it is too large", async () => {
    await expect(fetchFrom(whole, { maxBytes: 1000 })).rejects.toMatchObject({ code: "video_too_large" });
    expect(await readdir(directory)).toEqual([]);
  });

  test("is refused when it turns out too large", async () => {
    const unsized: Answer = (_, response) => void response.writeHead(200).end(content);
    const fetching = fetchFrom(unsized, { maxBytes: content.length - 1 });
    await expect(fetching).rejects.toMatchObject({ code: "video_too_large" });
    expect(await readdir(directory)).toEqual([]);
  });

  test("is refused when its content is not the one expected", async () => {
    const fetching = fetchFrom(whole, { expectedSha256: "0".repeat(64) });
    await expect(fetching).rejects.toMatchObject({ code: "source_failed" });
    expect(await readdir(directory)).toEqual([]);
  });

  test("stops at an abort with its reason", async () => {
    const abort = new AbortController();
    const reason = new Error("the client left");
    const answer: Answer = (_, response) => {
      response.writeHead(200).write(content.subarray(0, 100_000), () => abort.abort(reason));
    };
    await expect(fetchFrom(answer, { signal: abort.signal })).rejects.toBe(reason);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("an address that is not the edge's", () => {
  test.each([
    "http://127.0.0.1:9/objects/a",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "data:video/mp4;base64,AAAA",
  ])("is not read: %s", async (url) => {
    server = await serve(whole);
    const store = createLinkStore({ allowedOrigins: [server.origin] });
    const fetching = store.fetchToFile({ kind: "url", url }, { directory, maxBytes });
    await expect(fetching).rejects.toMatchObject({ code: "source_address_refused" });
    expect(server.requests).toEqual([]);
  });

  test("is not read when it only looks like the edge's", async () => {
    server = await serve(whole);
    const store = createLinkStore({ allowedOrigins: [server.origin] });
    for (const url of [`${server.origin}@127.0.0.1:9/`, `${server.origin.replace("//", "//user@")}/`]) {
      const fetching = store.fetchToFile({ kind: "url", url }, { directory, maxBytes });
      await expect(fetching, url).rejects.toMatchObject({ code: "source_address_refused" });
    }
    expect(server.requests).toEqual([]);
  });
});

test("without an object store, objects are refused", async () => {
  server = await serve(whole);
  const store = createVideoStore(createLinkStore({ allowedOrigins: [server.origin] }), null);
  const fetching = store.fetchToFile({ kind: "object", bucket: "b", key: "k" }, { directory, maxBytes });
  await expect(fetching).rejects.toMatchObject({ code: "source_address_refused" });
});

test("a full or missing disk is our failure, not the source's", async () => {
  server = await serve(whole);
  const store = createLinkStore({ allowedOrigins: [server.origin] });
  const source = { kind: "url", url: `${server.origin}/a` } as const;
  const fetching = store.fetchToFile(source, { directory: join(directory, "absent"), maxBytes });
  await expect(fetching).rejects.toMatchObject({ code: "ENOENT" });
});

test("what a killed process left is removed, and nothing else", async () => {
  await fetchFrom(whole);
  await writeFile(join(directory, "other"), "kept");
  await removeLeftoverVideos(directory);
  expect(await readdir(directory)).toEqual(["other"]);
});
