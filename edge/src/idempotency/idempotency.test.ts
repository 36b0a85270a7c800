import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Ask,
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
  storedObjects,
} from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { ownWorker } from "../../test/own-worker.ts";
import { API_KEY, SIGNING_SECRET, TIMEOUT_MS } from "../../test/settings.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";
import worker from "../index.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { sweep } from "../worker/sweep.ts";

const keyed = (key: string, others: Record<string, string> = {}) => ({ "idempotency-key": key, ...others });
const post = (path: string, key: string, options: Ask = {}) =>
  ask(path, { method: "POST", ...options, headers: keyed(key, options.headers) });
const newKey = { name: "made once", scopes: ["references:read"] };

/** What a client sees of an answer, without what belongs to one exchange only. */
async function seen(response: Response) {
  const told = ["content-type", "location", "retry-after", "preference-applied"].map((name) => [
    name,
    response.headers.get(name),
  ]);
  return { status: response.status, ...Object.fromEntries(told), body: await response.text() };
}
const replayed = (response: Response) => response.headers.get("idempotency-replayed");
const rowOf = (key: string) => sha256Of(new TextEncoder().encode(key) as Uint8Array<ArrayBuffer>);
const change = async (key: string, assignment: string) =>
  env.DB.prepare(`UPDATE idempotency SET ${assignment} WHERE key_hash = ?`)
    .bind(await rowOf(key))
    .run();
const keysNamed = async (name: string) =>
  (await env.DB.prepare("SELECT id FROM keys WHERE name = ?").bind(name).all()).results.length;

async function sameTwice(path: string, key: string, options: Ask) {
  const first = await post(path, key, options);
  const second = await post(path, key, options);
  expect([replayed(first), replayed(second)]).toEqual([null, "true"]);
  expect(second.headers.get("ratelimit")).toContain("tenant-minute");
  expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  const answer = await seen(first);
  expect(await seen(second)).toEqual(answer);
  return answer;
}

describe("the same request again", () => {
  it("gets the answer that was kept under the signing secret before", async () => {
    const json = { ...newKey, name: "before the rotation" };
    const first = await seen(await post("/v1/keys", "kept-before", { json }));
    const renewed = { SIGNING_SECRET: "the next secret of the tests" };
    const rotated = ownWorker("rotated", { ...renewed, SIGNING_SECRET_PREVIOUS: SIGNING_SECRET });
    const again = { json, headers: keyed("kept-before") };
    expect(await seen(await rotated.ask("/v1/keys", again))).toEqual(first);
    await expectProblem(
      await ownWorker("rotated", renewed).ask("/v1/keys", again),
      422,
      "idempotency_mismatch",
    );
    expect(await keysNamed("before the rotation")).toBe(1);
  });

  it("gets the same answer, and the work is done once", async () => {
    const json = { ...newKey, name: "only one" };
    const answer = await sameTwice("/v1/keys", "create-1", { json });
    expect(answer).toMatchObject({ status: 201, location: expect.stringMatching(/^\/v1\/keys\/key_/) });
    expect(await keysNamed("only one")).toBe(1);
  });

  it("also of an upload, which comes through whole", async () => {
    const bytes = videoBytes(3_000_000, "idempotent upload");
    const answer = await sameTwice("/v1/checks?library=idem-upload", "upload-1", { bytes });
    expect(JSON.parse(answer.body)).toMatchObject({ status: "completed" });
    expect(JSON.parse(answer.body).query.sha256).toBe(await sha256Of(bytes));
    expect((await backendSeen("idem-upload")).calls).toHaveLength(1);
  });

  it("also of an upload whose length nobody said, and of a short one", async () => {
    for (const [size, key] of [
      [300_000, "chunked"],
      [900, "short"],
    ] as const) {
      const bytes = videoBytes(size, key);
      const stream = () => new Blob([bytes]).stream();
      const send = () => post(`/v1/checks?library=idem-${key}`, key, { bytes: stream() });
      const first = await jsonOf(await send());
      expect(first.query.sha256).toBe(await sha256Of(bytes));
      const second = await send();
      expect([replayed(second), await jsonOf(second)]).toEqual(["true", first]);
    }
  });

  it("also of a large upload, which is read to its end: before that nobody listens", async () => {
    const step = 1024 * 1024;
    const bytes = videoBytes(12 * step, "large upload");
    const send = async () => {
      let sent = 0;
      const pull = (controller: ReadableByteStreamController) => {
        if (sent < 12) controller.enqueue(bytes.slice(sent * step, ++sent * step));
        else controller.close();
      };
      const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4", ...keyed("large") };
      const body = new ReadableStream({ type: "bytes", pull }, { highWaterMark: 0 });
      const request = new Request("http://edge.test/v1/checks?library=idem-large", {
        method: "POST",
        headers,
        body,
      });
      const response = await worker.fetch(request as never, env, createExecutionContext());
      return [response.status, replayed(response as never), sent];
    };
    expect(await send()).toEqual([200, null, 12]);
    expect(await send()).toEqual([200, "true", 12]);
  });

  it("also of what was accepted for later", async () => {
    const library = "gated-idem-later";
    const options = { bytes: videoBytes(900, "later"), headers: { prefer: "wait=0" } };
    const answer = await sameTwice(`/v1/checks?library=${library}`, "later-1", options);
    expect(answer).toMatchObject({ status: 202, "retry-after": "1", "preference-applied": "wait=0" });
    await openGate(library);
  });

  it("also of a refusal", async () => {
    const answer = await sameTwice("/v1/checks", "refused-1", { json: { url: 5 } });
    expect(answer).toMatchObject({ status: 400, "content-type": "application/problem+json" });
    await sameTwice("/v1/keys", "no-body-1", {});
  });

  it("also of an answer that is too large for a row", async () => {
    const options = { bytes: videoBytes(900, "explained") };
    await ask("/v1/references?library=similar-idem&id=a", { bytes: videoBytes(900, "explained reference") });
    const answer = await sameTwice("/v1/checks?library=similar-idem&explain=true", "large-1", options);
    expect(answer.body.length).toBeGreaterThan(64 * 1024);
    expect((await storedObjects()).filter((key) => key.startsWith("idempotency/"))).toHaveLength(1);
  });
});

describe("another request with the same key", () => {
  it.each([
    ["another body", "/v1/keys", { json: { ...newKey, name: "other" } }],
    ["another path", "/v1/checks", { json: newKey }],
    ["another query", "/v1/keys?a=1", { json: newKey }],
    [
      "another type",
      "/v1/keys",
      { json: newKey, headers: { "content-type": "application/json; charset=utf-8" } },
    ],
  ])("is refused: %s", async (what, path, options: Ask) => {
    const key = `mismatch ${what}`.replaceAll(" ", "-");
    expect((await post("/v1/keys", key, { json: newKey })).status).toBe(201);
    await expectProblem(await post(path, key, options), 422, "idempotency_mismatch");
    expect(replayed(await post("/v1/keys", key, { json: newKey }))).toBe("true");
  });

  it("is refused also while the first is at work, or has died", async () => {
    await post("/v1/keys", "died-other", { json: newKey });
    await change("died-other", "answer = NULL, held_until = '2020-01-01'");
    const other = { json: { ...newKey, name: "other" } };
    await expectProblem(await post("/v1/keys", "died-other", other), 422, "idempotency_mismatch");
  });

  it("another video of the same length", async () => {
    const path = "/v1/checks?library=idem-videos";
    expect((await post(path, "videos", { bytes: videoBytes(200_000, "one") })).status).toBe(200);
    const other = await post(path, "videos", { bytes: videoBytes(200_000, "two") });
    await expectProblem(other, 422, "idempotency_mismatch");
    const longer = await post(path, "videos", { bytes: videoBytes(200_001, "one") });
    await expectProblem(longer, 422, "idempotency_mismatch");
  });

  it("another video that begins alike and is as long", async () => {
    const path = "/v1/checks?library=idem-alike";
    const one = videoBytes(300_000, "alike");
    const other = one.slice();
    other[299_999]! ^= 1;
    const first = await post(path, "alike", { bytes: one });
    expect(first.status).toBe(200);
    await expectProblem(await post(path, "alike", { bytes: other }), 422, "idempotency_mismatch");
    expect(replayed(await post(path, "alike", { bytes: one }))).toBe("true");
    expect((await backendSeen("idem-alike")).calls).toHaveLength(1);
  });

  it("another video after the first one's request has died is refused, and leaves the key to the first", async () => {
    const path = "/v1/checks?library=idem-died";
    const [one, other] = [videoBytes(300_000, "died one"), videoBytes(300_000, "died other")];
    await post(path, "died-video", { bytes: one });
    await change("died-video", "answer = NULL, held_until = '2020-01-01'");
    await expectProblem(await post(path, "died-video", { bytes: other }), 422, "idempotency_mismatch");
    expect((await backendSeen("idem-died")).calls).toHaveLength(1);
    const again = await post(path, "died-video", { bytes: one });
    expect([again.status, replayed(again)]).toEqual([200, null]);
    expect(replayed(await post(path, "died-video", { bytes: one }))).toBe("true");
  });

  it("two at once that begin alike: one works, the other hears nothing of its answer", async () => {
    const library = "gated-idem-alike";
    const one = videoBytes(300_000, "at once");
    const other = one.slice();
    other[299_999]! ^= 1;
    const send = (bytes: Uint8Array<ArrayBuffer>) =>
      post(`/v1/checks?library=${library}`, "alike-at-once", { bytes });
    const both = [send(one), send(other)];
    const early = await Promise.race(both);
    expect([409, 422]).toContain(early.status);
    await openGate(library);
    const answers = await Promise.all(both);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [winner, loser] = answers[0]!.status === 200 ? [one, other] : [other, one];
    expect(replayed(await send(winner))).toBe("true");
    await expectProblem(await send(loser), 422, "idempotency_mismatch");
    expect((await backendSeen(library)).calls).toHaveLength(1);
  });

  it("a video that is refused unread is refused again, and the key stays free", async () => {
    const refused = { bytes: videoBytes(900, "unread") };
    for (let i = 0; i < 2; i++) {
      const response = await post("/v1/checks?nonsense=1", "unread", refused);
      expect(replayed(response)).toBeNull();
      await expectProblem(response, 400, "invalid_request");
    }
    expect((await post("/v1/checks?library=idem-unread", "unread", refused)).status).toBe(200);
  });

  it("of another tenant is its own", async () => {
    const key = await makeKey(["admin"], { tenant: "idem-other" });
    await post("/v1/keys", "tenants", { json: newKey });
    const response = await post("/v1/keys", "tenants", { json: { ...newKey, name: "other" }, key });
    expect([response.status, replayed(response)]).toEqual([201, null]);
  });

  it("of the tenant's admin does not get the operator's answer", async () => {
    const key = await makeKey(["admin"], { tenant: "default" });
    await post("/v1/keys", "operators", { json: newKey });
    await expectProblem(
      await post("/v1/keys", "operators", { json: newKey, key }),
      422,
      "idempotency_mismatch",
    );
  });
});

describe("while the first is at work", () => {
  it("the second is told to wait, and then gets its answer", async () => {
    const library = "gated-idem";
    const send = () => post(`/v1/checks?library=${library}`, "flight", { bytes: videoBytes(900, "flight") });
    const first = send();
    await eventually(async () => (await backendSeen(library)).calls.length > 0);
    const second = await send();
    expect(second.headers.get("retry-after")).toBe("1");
    await expectProblem(second, 409, "idempotency_in_flight");
    await openGate(library);
    const answer = await seen(await first);
    expect(answer.status).toBe(200);
    const third = await send();
    expect([replayed(third), await seen(third)]).toEqual(["true", answer]);
    expect((await backendSeen(library)).calls).toHaveLength(1);
  });

  it("of many at once, one works", async () => {
    const json = { ...newKey, name: "rush" };
    const all = await Promise.all(Array.from({ length: 8 }, () => post("/v1/keys", "rush", { json })));
    for (const response of all) {
      if (response.status === 409) await expectProblem(response, 409, "idempotency_in_flight");
      else expect(response.status).toBe(201);
    }
    expect(all.filter((response) => response.status === 201 && replayed(response) === null)).toHaveLength(1);
    expect(await keysNamed("rush")).toBe(1);
  });

  it("and it died: the key is free after a while", async () => {
    await post("/v1/keys", "died", { json: newKey });
    await change("died", "answer = NULL");
    await expectProblem(await post("/v1/keys", "died", { json: newKey }), 409, "idempotency_in_flight");
    await change("died", "held_until = '2020-01-01'");
    const again = await post("/v1/keys", "died", { json: newKey });
    expect([again.status, replayed(again)]).toEqual([201, null]);
    expect(replayed(await post("/v1/keys", "died", { json: newKey }))).toBe("true");
  });

  it("holds the key for longer than any request takes", async () => {
    const now = Date.UTC(2031, 4, 6);
    vi.useFakeTimers({ toFake: ["Date"], now });
    await post("/v1/keys", "held", { json: newKey });
    vi.useRealTimers();
    const row = await env.DB.prepare("SELECT held_until, expires_at FROM idempotency WHERE key_hash = ?")
      .bind(await rowOf("held"))
      .first();
    const iso = (ms: number) => new Date(now + ms).toISOString();
    expect(row).toEqual({ held_until: iso(TIMEOUT_MS + 180_000), expires_at: iso(24 * 3600_000) });
    await env.DB.prepare("DELETE FROM idempotency WHERE key_hash = ?")
      .bind(await rowOf("held"))
      .run();
  });
});

describe("not kept", () => {
  it("is an answer of 5xx: the next one does the work", async () => {
    const bytes = videoBytes(900, "alone");
    const request = new Request("http://edge.test/v1/checks?library=idem-alone", {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4", ...keyed("alone") },
      body: bytes,
    });
    const alone = { ...env, BACKEND_URL: "http://127.0.0.1:1" };
    expect((await worker.fetch(request as never, alone, createExecutionContext())).status).toBe(503);
    const again = await post("/v1/checks?library=idem-alone", "alone", { bytes });
    expect([again.status, replayed(again)]).toEqual([200, null]);
  });

  it("is an upload that broke off", async () => {
    const bytes = videoBytes(400_000, "broken");
    const send = (body: BodyInit) => {
      const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "video/mp4", ...keyed("broken") };
      const init = { method: "POST", headers: { ...headers, "content-length": "400000" }, body };
      const request = new Request("http://edge.test/v1/checks?library=idem-interrupted", init);
      return worker.fetch(request as never, env, createExecutionContext()) as Promise<Response>;
    };
    await expectProblem(await send(bytes.slice(0, 200_000)), 422, "truncated_video");
    const whole = await send(bytes);
    expect([whole.status, replayed(whole)]).toEqual([200, null]);
    expect(replayed(await send(bytes))).toBe("true");
  });

  it("is anything after a day", async () => {
    await post("/v1/keys", "old", { json: newKey });
    await change("old", "expires_at = '2020-01-01T00:00:00.000Z'");
    const other = await post("/v1/keys", "old", { json: { ...newKey, name: "new day" } });
    expect([other.status, replayed(other)]).toEqual([201, null]);
  });
});

it("answers lie encrypted, and without the key they came with", async () => {
  const { key } = await jsonOf(await post("/v1/keys", "a-telling-idempotency-key", { json: newKey }));
  const { results } = await env.DB.prepare("SELECT * FROM idempotency").all<{ answer: number[] | null }>();
  const stored = results.map((row) =>
    JSON.stringify({ ...row, answer: String.fromCharCode(...(row.answer ?? [])) }),
  );
  expect(stored.length).toBeGreaterThan(0);
  for (const secret of [key, key.split("_")[2], "a-telling-idempotency-key"]) {
    expect(stored.join("\n")).not.toContain(secret);
  }
});

describe("the key itself", () => {
  it.each(["", "two words", "é", "a".repeat(256)])("is refused: %j", async (key) => {
    await expectProblem(await post("/v1/keys", key, { json: newKey }), 400, "invalid_request");
  });

  it("is any visible ASCII, and of no meaning to other methods", async () => {
    for (const key of ["!~", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a".repeat(255)]) {
      expect((await post("/v1/keys", key, { json: newKey })).status).toBe(201);
      const response = await ask("/v1/keys", { headers: keyed(key) });
      expect([response.status, replayed(response)]).toEqual([200, null]);
    }
  });

  it("is not looked at before the caller is known", async () => {
    await expectProblem(
      await post("/v1/keys", "two words", { json: newKey, key: "wrong" }),
      401,
      "invalid_api_key",
    );
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the sweeper", () => {
  it("forgets answers after a day, rows and objects", async () => {
    const count = () => env.DB.prepare("SELECT count(*) AS n FROM idempotency").first<number>("n");
    const objects = async () =>
      (await storedObjects()).filter((key) => key.startsWith("idempotency/")).length;
    const sweepAt = async (hours: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + hours * 3600_000 });
      const deferred: Promise<unknown>[] = [];
      await sweep(requestContextOf(env, { waitUntil: (work) => deferred.push(work) }), 0);
      await Promise.all(deferred);
      vi.useRealTimers();
    };
    const kept = await count();
    const keptObjects = await objects();
    expect(kept).toBeGreaterThan(0);
    expect(keptObjects).toBeGreaterThan(0);
    await sweepAt(23);
    expect(await count()).toBe(kept);
    expect(await objects()).toBe(keptObjects);
    await sweepAt(25);
    expect(await count()).toBe(0);
    expect(await objects()).toBe(0);
  });
});
