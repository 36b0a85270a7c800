// SIGTERM to the real process: not ready at once, alive, nothing new taken; what runs ends, or is handed back.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type AnalysisEvent, analysisEventSchema, analysisPath } from "@twinframe/shared/contract";
import { signRequest } from "@twinframe/shared/signing";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { clip, scratchFolder } from "./clips.ts";
import { EXPECTS_NOTHING } from "./running-backend.ts";

const SECRET = "the secret of edge and backend";
const SERVER = join(import.meta.dirname, "../src/server.ts");

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch[Symbol.asyncDispose]());

/** A link's server that sends half of a video and keeps the rest until it is released. */
async function heldVideo() {
  const bytes = await readFile(await clip());
  const asked = Promise.withResolvers<ServerResponse>();
  const links = createServer((_request, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2));
    asked.resolve(response);
  });
  links.listen(0, "127.0.0.1");
  await once(links, "listening");
  onTestFinished(() => {
    links.closeAllConnections();
    links.close();
  });
  const origin = `http://127.0.0.1:${(links.address() as AddressInfo).port}`;
  return {
    origin,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    asked: asked.promise,
    release: async () => (await asked.promise).end(bytes.subarray(bytes.length / 2)),
  };
}

async function startProcess(state: string, origin: string, environment: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [SERVER], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      TWINFRAME_BACKEND_PORT: "0",
      TWINFRAME_BACKEND_STATE: join(scratch.path, state),
      TWINFRAME_SIGNING_SECRET: SECRET,
      TWINFRAME_OBJECT_ORIGINS: origin,
      ...environment,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  let log = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (bytes) => {
      log += bytes;
      const found = /Server listening at (http:\S+?)"/.exec(log)?.[1];
      if (found) resolve(found);
    });
    exited.then(() => reject(new Error(log)));
  });
  return { child, exited, url };
}

async function put(url: string, id: string, { origin, sha256 }: { origin: string; sha256: string }) {
  const source = { kind: "url", url: `${origin}/video` };
  const task = { kind: "check", index_as: null };
  const body = JSON.stringify({
    tenant: "acme",
    library: "default",
    sha256,
    source,
    task,
    index: EXPECTS_NOTHING,
  });
  const path = analysisPath(id);
  const headers = await signRequest(SECRET, { method: "PUT", path, body });
  return fetch(url + path, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/json" },
    body,
  });
}

async function eventsOf(response: Response): Promise<AnalysisEvent[]> {
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => analysisEventSchema.parse(JSON.parse(line)));
}

/** The signal is delivered a moment after it is sent. */
async function notReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status === 200);
}

it("reports not ready, refuses new work, ends running work, and then exits", async () => {
  const video = await heldVideo();
  const { child, exited, url } = await startProcess("finishes", video.origin, {});
  const running = await put(url, "chk_runs", video);
  await video.asked;
  child.kill("SIGTERM");
  await notReady(url);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const refused = await put(url, "chk_new", video);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(await refused.json()).toMatchObject({ code: "backend_unavailable" });
  await video.release();
  expect((await eventsOf(running)).at(-1)).toMatchObject({ event: "result" });
  expect(await exited).toBe(0);
});

it("hands back work that does not end in time, by a stream without an outcome", async () => {
  const video = await heldVideo();
  const { child, exited, url } = await startProcess("hands-back", video.origin, {
    TWINFRAME_DRAIN_GRACE_MS: "300",
    TWINFRAME_MAX_CONCURRENT_ANALYSES: "1",
  });
  const running = await put(url, "chk_runs", video);
  await video.asked;
  const waiting = await put(url, "chk_waits", video);
  child.kill("SIGTERM");
  for (const response of [waiting, running])
    expect((await eventsOf(response)).map(({ event }) => event)).not.toContain("problem");
  expect(await exited).toBe(0);
});
