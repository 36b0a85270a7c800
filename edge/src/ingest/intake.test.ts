import { ProblemError } from "@twinframe/shared/problem";
import { describe, expect, it } from "vitest";
import { ask, env, expectProblem, jsonOf, objectsGone, storedObjects, upstream } from "../../test/client.ts";
import { MAX_BYTES } from "../../test/settings.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { type ReceivedVideo, receiveVideo } from "./receive.ts";
import type { VideoOrigin } from "./video-origin.ts";

const context = requestContextOf(env, { waitUntil: () => {} });
const MIB = 1024 * 1024;

const receive = (origin: VideoOrigin) =>
  receiveVideo(context, { tenant: "default", origin, objectKey: "intake/test" });
const receiveUrl = (path: string) => receive({ kind: "url", url: upstream(path) });

async function expectStored(received: ReceivedVideo, bytes: Uint8Array<ArrayBuffer>) {
  const object = await env.OBJECTS.get(received.objectKey);
  const stored = new Uint8Array(await object!.arrayBuffer());
  expect(stored.length).toBe(bytes.length);
  expect(received).toMatchObject({ bytes: bytes.length, sha256: await sha256Of(bytes) });
  expect(await sha256Of(stored)).toBe(received.sha256);
  await env.OBJECTS.delete(received.objectKey);
}

const SIZES = [24, 1023, 1024, 5000, 300_000, 8 * MIB, 8 * MIB + 1, 17 * MIB];

describe("what is stored is what came, and its hash", () => {
  it.each(SIZES)("%d bytes from an address of known length", async (size) => {
    await expectStored(await receiveUrl(`/known/${size}/s.mp4`), videoBytes(size, "s"));
  });

  it.each(SIZES)("%d bytes from an address of unknown length", async (size) => {
    await expectStored(await receiveUrl(`/chunked/${size}/s.mp4`), videoBytes(size, "s"));
  });

  it.each([false, true])("an upload; its length is known: %s", async (known) => {
    const bytes = videoBytes(300_000, "upload");
    const body = new Response(bytes).body;
    const declaredBytes = known ? bytes.length : null;
    await expectStored(await receive({ kind: "upload", body, declaredBytes }), bytes);
  });

  it("an address behind five redirects", async () => {
    await expectStored(await receiveUrl("/redirect/4/five"), videoBytes(5000, "five"));
  });
});

const privateRedirect = "/redirect-to?location=http%3A%2F%2F169.254.169.254%2Flatest";
const otherPort = "/redirect-to?location=http%3A%2F%2F127.0.0.1%3A9%2Fa.mp4";
const otherScheme = "/redirect-to?location=file%3A%2F%2F%2Fetc%2Fpasswd";

async function expectRefused(path: string, status: number, code: string) {
  const response = await ask("/v1/checks", { json: { url: upstream(path) } });
  const problem = await expectProblem(response, status, code);
  expect(JSON.stringify(problem)).not.toContain("SECRET");
  await objectsGone();
}

describe("bad addresses", () => {
  it.each([
    ["/status/404", 422, "source_rejected"],
    ["/status/403", 422, "source_rejected"],
    ["/status/204", 422, "source_rejected"],
    ["/status/500", 504, "source_failed"],
    ["/reset", 504, "source_failed"],
    ["/short", 504, "source_failed"],
    ["/redirect/5/six", 422, "too_many_redirects"],
    [privateRedirect, 403, "source_address_refused"],
    [otherPort, 403, "source_address_refused"],
    [otherScheme, 400, "invalid_url"],
    ["/html", 415, "not_a_video"],
    ["/empty", 422, "empty_video"],
    [`/known/${MAX_BYTES + 1}/big.mp4`, 413, "video_too_large"],
    [`/chunked/${MAX_BYTES + 1}/big.mp4`, 413, "video_too_large"],
  ])("%s", expectRefused);

  // Each waits for a limit of seconds: together they wait once.
  describe.concurrent("that keep one waiting", () => {
    it.each(["/hang-headers", "/hang-body", "/drip"])("%s", (path) =>
      expectRefused(path, 504, "source_timeout"),
    );
  });

  it("the largest video that is allowed is taken", async () => {
    const response = await ask("/v1/checks", { json: { url: upstream(`/chunked/${MAX_BYTES}/max.mp4`) } });
    expect((await jsonOf(response)).status).toBe("completed");
    await objectsGone();
  });

  it("an address where nobody listens", async () => {
    const closed = { ...context.config.intake, allowedHosts: ["127.0.0.1:1"] };
    const lenient = { ...context, config: { ...context.config, intake: closed } };
    const origin = { kind: "url" as const, url: "http://127.0.0.1:1/a.mp4" };
    await expect(
      receiveVideo(lenient, { tenant: "default", origin, objectKey: "intake/x" }),
    ).rejects.toMatchObject({
      code: "source_failed",
    });
  });
});

describe("bad uploads", () => {
  const piped = (feed: (writer: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>) => {
    const { readable, writable } = new IdentityTransformStream();
    feed(writable.getWriter()).catch(() => {});
    return readable as ReadableStream<Uint8Array>;
  };
  const codeOf = (origin: VideoOrigin) =>
    receive(origin).then(
      () => "stored",
      (error) => (error instanceof ProblemError ? error.code : error),
    );

  it("one that stalls", async () => {
    const body = piped((writer) => writer.write(videoBytes(5000, "stalls")));
    expect(await codeOf({ kind: "upload", body, declaredBytes: 10_000 })).toBe("upload_timeout");
    expect(await storedObjects()).toEqual([]);
  });

  it.each([4999, 9000])("one of 5000 bytes that says it has %d", async (declaredBytes) => {
    const body = piped(async (writer) => {
      await writer.write(videoBytes(5000, "lies"));
      await writer.close();
    });
    expect(await codeOf({ kind: "upload", body, declaredBytes })).toBe("truncated_video");
    expect(await storedObjects()).toEqual([]);
  });

  it("one that breaks off", async () => {
    const body = piped(async (writer) => {
      await writer.write(videoBytes(5000, "breaks"));
      await writer.abort(new Error("gone"));
    });
    expect(await codeOf({ kind: "upload", body, declaredBytes: 9000 })).toBe("truncated_video");
    expect(await storedObjects()).toEqual([]);
  });

  it("one that declares too much is not read", async () => {
    const body = piped((writer) => writer.write(videoBytes(5000, "large")));
    expect(await codeOf({ kind: "upload", body, declaredBytes: MAX_BYTES + 1 })).toBe("video_too_large");
  });
});
