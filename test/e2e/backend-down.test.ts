// What the edge answers while the backend is gone.

import { openAsBlob } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, expectProblem, query, referencePath } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { fileUrl } from "./running.ts";

const library = "default";
let services: OwnServices & AsyncDisposable;
let known: string;
let finishedBefore: string;
let acceptedMeanwhile: string;

beforeAll(async () => {
  [services, known] = await Promise.all([startOwnServices(), scene("valley")]);
  const { api, backend } = services;
  await api.addReference(known, { id: "known", library });
  await api.addReference(await scene("spiral"), { id: "deleted-meanwhile", library });
  finishedBefore = (await api.check(known)).id;
  await backend.kill();
});
afterAll(() => services[Symbol.asyncDispose]());

const check = async (file: string, options: Record<string, string> = {}) =>
  services.api.ask("POST", `/v1/checks${query(options)}`, { bytes: await openAsBlob(file) });

function expectUnavailable(answer: Answer): void {
  const problem = expectProblem(answer, "backend_unavailable", /try again/i);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(problem.retry_after_s).toBeGreaterThan(0);
}

test("a known file is still a duplicate", async () => {
  for (const options of [{}, { index: "if_unique" }] as Record<string, string>[]) {
    const answer = await check(known, options);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      verdict: "duplicate",
      duplicate_for: "known",
      found_by: "exact_bytes",
    });
  }
  const url = fileUrl(known, "other.mp4");
  const short = await services.api.ask("POST", "/check-video-duplicate", { json: { url } });
  expect(short).toMatchObject({ status: 200, body: { is_duplicate: true, duplicate_for: "known" } });
});

test("any other video gets no verdict", async () => {
  for (const file of [
    await edited(known, "remuxed"),
    await edited(known, "reencoded"),
    await scene("colours"),
  ]) {
    expectUnavailable(await check(file));
    expectUnavailable(await check(file, { index: "if_unique" }));
    const json = { url: fileUrl(file) };
    expectUnavailable(await services.api.ask("POST", "/check-video-duplicate", { json }));
  }
});

test("no reference can be added", async () => {
  const path = referencePath({ id: "added-meanwhile", library });
  expectUnavailable(
    await services.api.ask("POST", path, { bytes: await openAsBlob(await scene("colours")) }),
  );
  const read = await services.api.ask("GET", "/v1/references/added-meanwhile");
  expectProblem(read, "reference_not_found", /added-meanwhile/);
});

test("what was acknowledged before can be read", async () => {
  expect((await services.api.ask("GET", "/v1/references/known")).status).toBe(200);
  const read = await services.api.ask("GET", `/v1/checks/${finishedBefore}`);
  expect(read).toMatchObject({ status: 200, body: { duplicate_for: "known" } });
});

test("the edge lives, is not ready, and says why", async () => {
  expect((await services.api.ask("GET", "/livez")).status).toBe(200);
  const { status, headers, body } = await services.api.ask("GET", "/readyz");
  expect(status).toBe(503);
  expect(body).toMatchObject({ ready: false, reasons: [expect.stringMatching(/analysis service/)] });
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a check may be left to wait for it", async () => {
  const ask = { json: { url: fileUrl(await edited(known, "grey")) }, headers: { prefer: "wait=0" } };
  const { status, body } = await services.api.ask("POST", "/v1/checks", ask);
  expect(status).toBe(202);
  acceptedMeanwhile = body.id;
});

test("a reference can be deleted", async () => {
  const path = "/v1/references/deleted-meanwhile";
  expect((await services.api.ask("DELETE", path)).status).toBe(204);
  expectProblem(await services.api.ask("GET", path), "reference_not_found", /deleted-meanwhile/);
  expectUnavailable(await check(await scene("spiral")));
});

test("once it is back, everything is served", async () => {
  const { api, backend } = services;
  await backend.restart();
  expect(await api.settled(acceptedMeanwhile)).toMatchObject({ status: "completed", duplicate_for: "known" });
  expect(await api.check(await edited(known, "remuxed"))).toMatchObject({ found_by: "exact_packets" });
  expect(await api.check(await edited(known, "reencoded"))).toMatchObject({
    duplicate_for: "known",
    found_by: "content",
  });
  expect(await api.check(await edited(await scene("spiral"), "reencoded"))).toMatchObject({
    verdict: "unique",
  });
  await api.addReference(await scene("colours"), { id: "added-meanwhile", library });
  expect((await api.ask("GET", "/readyz")).status).toBe(200);
});
