// The operator's limits of bytes and time, set small.

import { createReadStream, openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { clip } from "@twinframe/gpu-backend/testing/clips";
import type { ProblemCode } from "@twinframe/shared/problem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, expectProblem } from "./api.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { fileUrl, upstreamUrl } from "./running.ts";
import { backendVideos, storedObjects } from "./stored-state.ts";
import { until } from "./until.ts";

const MAX_BYTES = 200_000;
const MAX_DURATION_S = 5;
let services: OwnServices & AsyncDisposable;
let large: string;
let small: string;
let long: string;

beforeAll(async () => {
  [services, large, small, long] = await Promise.all([
    startOwnServices({
      extraEdgeVars: {
        INTAKE_MAX_BYTES: String(MAX_BYTES),
        INTAKE_TIMEOUT_MS: "10000",
        INTAKE_IDLE_TIMEOUT_MS: "2000",
      },
      extraBackendEnv: { TWINFRAME_MAX_DURATION_S: String(MAX_DURATION_S) },
    }),
    clip({ picture: "testsrc2", size: "640x360", durationS: 4, encode: ["-c:v", "mpeg4", "-q:v", "1"] }),
    clip({ picture: "gradients", size: "160x90", durationS: 4 }),
    clip({ picture: "gradients", size: "160x90", durationS: 6 }),
  ]);
  expect((await stat(large)).size).toBeGreaterThan(MAX_BYTES);
  for (const file of [small, long]) expect((await stat(file)).size).toBeLessThan(MAX_BYTES);
});
afterAll(() => services[Symbol.asyncDispose]());

const ways: Record<string, (file: string, path: string) => Promise<Answer>> = {
  "bytes of a known length": async (file, path) =>
    services.api.ask("POST", path, { bytes: await openAsBlob(file) }),
  "bytes of a length not told": async (file, path) =>
    services.api.ask("POST", path, { bytes: Readable.toWeb(createReadStream(file)) as ReadableStream }),
  "a URL": async (file, path) => services.api.ask("POST", path, { json: { url: fileUrl(file) } }),
  "a URL of a length not told": async (file, path) =>
    services.api.ask("POST", path, { json: { url: fileUrl(file, "v.mp4", "?chunked") } }),
};

describe.each(Object.entries(ways))("as %s", (_, send) => {
  test.each([
    { what: "too many bytes", file: () => large, code: "video_too_large", says: /at most 200000 bytes/ },
    { what: "too many seconds", file: () => long, code: "video_too_long", says: /6 seconds.*at most 5/ },
  ] satisfies { what: string; file: () => string; code: ProblemCode; says: RegExp }[])(
    "$what are refused",
    async ({ file, code, says }) => {
      for (const path of ["/v1/checks", "/v1/references"])
        expectProblem(await send(file(), path), code, says);
    },
  );

  test("a video within the limits is served", async () => {
    const { status, body } = await send(small, "/v1/checks");
    expect({ status, verdict: body.verdict }).toEqual({ status: 200, verdict: "unique" });
  });
});

describe("a source that does not deliver", () => {
  test.each([
    { what: "no answer", path: "/hang" },
    { what: "a part of the video and then nothing", path: "/stall" },
  ])("$what is a time-out", async ({ path }) => {
    const json = { url: upstreamUrl(path) };
    const routes = ["/v1/checks", "/v1/references", "/check-video-duplicate"];
    const answers = await Promise.all(routes.map((route) => services.api.ask("POST", route, { json })));
    for (const answer of answers) expectProblem(answer, "source_timeout", /in time/);
  });

  test("an accepted check ends with it", async () => {
    const json = { url: upstreamUrl("/stall") };
    const accepted = await services.api.ask("POST", "/v1/checks", { json, headers: { prefer: "wait=0" } });
    expect(accepted.status).toBe(202);
    expect(await services.api.settled(accepted.body.id)).toMatchObject({
      status: "failed",
      problem: { code: "source_timeout", status: 504 },
    });
  });
});

test("an upload that stalls is ended", async () => {
  const stalling = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from("\0\0\0\x18ftypisom".padEnd(4096, "\0"), "latin1")),
  });
  const answer = await services.api.ask("POST", "/v1/checks", { bytes: stalling });
  expectProblem(answer, "upload_timeout", /Send it again/);
});

test("nothing of what was refused is kept", async () => {
  const { stateDir } = services;
  await until("no object and no video left", () =>
    storedObjects(stateDir).length === 0 && backendVideos(stateDir).length === 0 ? true : undefined,
  );
});
