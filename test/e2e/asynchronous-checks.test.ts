// Checks that outlive the request: `Prefer: wait`, 202, and the answer later.

import { openAsBlob } from "node:fs";
import type { Check } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { checkOf, expectProblem, query } from "./api.ts";
import { edited, longClip, scene } from "./clips.ts";
import { api, fileUrl, upstreamUrl } from "./running.ts";

const library = "asynchronous";
const waitedFor = "synchronous";
let original: string;

beforeAll(async () => {
  original = await scene("valley");
  for (const each of [library, waitedFor])
    await api.addReference(original, { id: "original", library: each });
});

const byUrl = (file: string, wait: number) =>
  api.ask("POST", "/v1/checks", {
    json: { url: fileUrl(file), library },
    headers: { prefer: `wait=${wait}` },
  });
const byBytes = async (file: string, wait: number) =>
  api.ask("POST", `/v1/checks${query({ library })}`, {
    bytes: await openAsBlob(file),
    headers: { prefer: `respond-async, wait=${wait}` },
  });
/** What two runs of the same check have in common. */
const finding = ({ id, library, created_at, completed_at, timings_ms, ...rest }: Check) => rest;

describe("a check that is not waited for", () => {
  test.each([
    { how: "by URL", send: byUrl, edit: "reencoded" },
    { how: "by bytes", send: byBytes, edit: "excerpt" },
  ] as const)("is accepted and ends like one that is: $how", async ({ send, edit }) => {
    const copy = await edited(original, edit);
    const accepted = await send(copy, 0);
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get("preference-applied")).toBe("wait=0");
    const { id, status } = checkOf(accepted.body);
    expect(["queued", "running"]).toContain(status);
    expect(accepted.body).not.toHaveProperty("verdict");
    expect(accepted.headers.get("location")).toBe(`/v1/checks/${id}`);
    expect(accepted.headers.get("retry-after")).toBe("1");

    const later = await api.settled(id);
    expect(later).toMatchObject({ status: "completed", verdict: "duplicate", duplicate_for: "original" });
    const sync = await api.check(copy, { library: waitedFor });
    expect(finding(later)).toEqual(finding(sync));
    const read = await api.ask("GET", `/v1/checks/${id}`);
    expect(read).toMatchObject({ status: 200, body: later });
  });

  test("tells what was wrong with the video when asked", async () => {
    const url = upstreamUrl("/status/404");
    const accepted = await api.ask("POST", "/v1/checks", {
      json: { url, library },
      headers: { prefer: "wait=0" },
    });
    expect(accepted.status).toBe(202);
    const failed = await api.settled(accepted.body.id);
    expect(failed).toMatchObject({ status: "failed", problem: { code: "source_rejected", status: 422 } });
    expect(failed).not.toHaveProperty("verdict");
  });
});

test("a finished check is answered from memory, the same each time", async () => {
  const answer = await byUrl(await edited(original, "logo"), 30);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("preference-applied")).toBe("wait=30");
  for (let n = 0; n < 2; n++) {
    const read = await api.ask("GET", `/v1/checks/${answer.body.id}`);
    expect(read).toMatchObject({ status: 200, body: answer.body });
  }
});

test("an analysis that takes longer than the client waits goes on without it", async () => {
  const file = await longClip("10");
  const accepted = await byBytes(file, 1);
  expect(accepted.status).toBe(202);
  expect(accepted.body).toMatchObject({ status: "running" });
  const unfinished = await api.ask("GET", `/v1/checks/${accepted.body.id}`);
  expect(unfinished.status).toBe(200);
  const check = await api.settled(accepted.body.id);
  expect(check).toMatchObject({ status: "completed", verdict: "unique", query: { duration_s: 100 } });
  expect(check.timings_ms?.total).toBeGreaterThan(1000);
});

test("a check that nobody made is not found", async () => {
  expectProblem(await api.ask("GET", "/v1/checks/chk_unknown"), "check_not_found", /chk_unknown/);
});
