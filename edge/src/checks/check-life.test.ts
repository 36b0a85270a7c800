// What can be done with a check after it was asked: cancelled, listed, decided, deleted.

import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { checkSchema, listedCheckSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  objectsGone,
  openGate,
  storedObjects,
  upstream,
} from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import worker from "../index.ts";
import type { JobMessage } from "../platform/queue/messages.ts";
import { requestContextOf } from "../platform/request-context.ts";
import { claimReference } from "../references/store/references.ts";
import { sweep } from "../worker/sweep.ts";
import { listChecks } from "./store/check-list.ts";

const headers = { prefer: "wait=0" };
const at = (library: string, rest = "") => `/v1/checks?library=${library}${rest}`;
const checkOf = async (response: Response) => checkSchema.parse(await jsonOf(response));
const check = async (library: string, seed: string, rest = "") =>
  checkOf(await ask(at(library, rest), { bytes: videoBytes(900, seed) }));
const post = (id: string, what: string, json?: unknown) =>
  ask(`/v1/checks/${id}/${what}`, { method: "POST", ...(json === undefined ? {} : { json }) });
const analysesOf = async (library: string) =>
  (await backendSeen(library)).calls.filter((call) => call.method === "PUT");
const claimsOf = async (library: string) =>
  (await env.DB.prepare("SELECT * FROM library_references WHERE library = ?").bind(library).all()).results;

async function deliver(body: JobMessage) {
  const message = { id: "m", timestamp: new Date(), attempts: 1, body };
  const batch = createMessageBatch<JobMessage>("twinframe-jobs", [message]);
  const context = createExecutionContext();
  await worker.queue(batch as MessageBatch<JobMessage>, env, context);
  return getQueueResult(batch, context);
}

describe("cancelling", () => {
  it("ends a running check for good: claim, object and analysis go, and nothing brings it back", async () => {
    const library = "gated-cancel";
    const asked = await ask(at(library, "&index=if_unique"), { bytes: videoBytes(900, "c1"), headers });
    const { id } = await checkOf(asked);
    await eventually(async () => (await analysesOf(library)).length > 0);
    expect(await claimsOf(library)).toHaveLength(1);

    const cancelled = await checkOf(await post(id, "cancel"));
    expect(cancelled).toMatchObject({ id, status: "cancelled", completed_at: expect.any(String) });
    expect(await claimsOf(library)).toEqual([]);
    await eventually(async () =>
      (await backendSeen(library)).calls.some((call) => call.method === "DELETE" && call.id === id),
    );
    await objectsGone();
    expect(await checkOf(await post(id, "cancel"))).toEqual(cancelled);

    const before = (await analysesOf(library)).length;
    await openGate(library);
    expect((await deliver({ type: "check", check_id: id })).explicitAcks).toEqual(["m"]);
    expect((await analysesOf(library)).length).toBe(before);
    expect(await checkOf(await ask(`/v1/checks/${id}`))).toEqual(cancelled);
    expect(await claimsOf(library)).toEqual([]);
  });

  it("is told to the client that waits", async () => {
    const library = "gated-cancel-wait";
    const waiting = ask(at(library, "&index=if_unique"), { bytes: videoBytes(900, "c2") });
    await eventually(async () => (await analysesOf(library)).length > 0);
    const { data } = await jsonOf(await ask(at(library)));
    expect((await post(data[0].id, "cancel")).status).toBe(200);
    await expectProblem(await waiting, 409, "check_cancelled");
    await objectsGone();
  });

  it("holds against a backend that ends the analysis all the same", async () => {
    const library = "gated-cancel-late";
    const waiting = ask(at(library, "&index=if_unique"), { bytes: videoBytes(900, "c3") });
    await eventually(async () => (await analysesOf(library)).length > 0);
    const { id } = (await jsonOf(await ask(at(library)))).data[0];
    // As `cancel` leaves it, but the backend does not hear of it.
    const now = new Date().toISOString();
    await env.DB.prepare("UPDATE checks SET status = 'cancelled', completed_at = ? WHERE id = ?")
      .bind(now, id)
      .run();
    await env.DB.prepare("DELETE FROM library_references WHERE library = ?").bind(library).run();
    await openGate(library);
    await expectProblem(await waiting, 409, "check_cancelled");
    expect((await jsonOf(await ask(`/v1/checks/${id}`))).status).toBe("cancelled");
    expect(await claimsOf(library)).toEqual([]);
    await eventually(async () => (await backendSeen(library)).references.length === 0);
  });

  it("of a check that waits for another one of the same video ends its waiting, and it claims nothing", async () => {
    const library = "gated-cancel-claim";
    const path = at(library, "&index=if_unique");
    const holds = ask(path, { bytes: videoBytes(900, "c5") });
    await eventually(async () => (await analysesOf(library)).length > 0);
    const waits = ask(path, { bytes: videoBytes(900, "c5") });
    const { id } = await eventually(async () => {
      const { data } = await jsonOf(await ask(at(library)));
      return data.length === 2 && data[0];
    });
    expect((await post(id, "cancel")).status).toBe(200);
    await expectProblem(await waits, 409, "check_cancelled");
    const claim = { tenant: "default", library, id: "late", sha256: "f".repeat(64), job_id: id };
    const row = { ...claim, object_key: null, source: "{}", metadata: "{}" };
    expect(await claimReference(env.DB, row, new Date().toISOString())).toBe(false);
    await openGate(library);
    expect((await jsonOf(await holds)).indexed_as).toEqual(expect.any(String));
    expect(await claimsOf(library)).toHaveLength(1);
  });

  it("of a check whose video still comes: it is not analysed", async () => {
    const library = "cancel-queued";
    const json = { url: upstream("/hang-body"), library };
    const { id, status } = await checkOf(await ask("/v1/checks", { json, headers }));
    expect(status).toBe("queued");
    expect((await checkOf(await post(id, "cancel"))).status).toBe("cancelled");
    const row = await env.DB.prepare("SELECT source_url FROM checks WHERE id = ?").bind(id).first();
    expect(row?.source_url).toBeNull();
    await deliver({ type: "check", check_id: id });
    expect(await analysesOf(library)).toEqual([]);
  });

  it("a finished, unknown or foreign check cannot be cancelled", async () => {
    const { id } = await check("cancel-late", "c4");
    await expectProblem(await post(id, "cancel"), 409, "check_finished");
    await expectProblem(await post("chk_nope", "cancel"), 404, "check_not_found");
    await env.DB.prepare("UPDATE checks SET tenant = 'other' WHERE id = ?").bind(id).run();
    for (const [method, rest] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/cancel"],
      ["GET", "/decisions"],
      ["GET", "/events"],
    ] as const)
      await expectProblem(await ask(`/v1/checks/${id}${rest}`, { method }), 404, "check_not_found");
    const json = { decision: "confirmed", by: "me" };
    await expectProblem(await post(id, "decision", json), 404, "check_not_found");
  });
});

describe("deciding", () => {
  const inReview = async (library: string) => {
    await ask(`/v1/references?library=${library}&id=a`, { bytes: videoBytes(900, `${library} a`) });
    return check(library, `${library} q`);
  };

  it("is kept, shown, listed and replaced, with its history", async () => {
    const library = "review-decide";
    const { id, verdict } = await inReview(library);
    expect(verdict).toBe("review");
    const listed = async (decision: string) =>
      (await jsonOf(await ask(at(library, `&decision=${decision}`)))).data.map(
        (one: { id: string }) => one.id,
      );
    expect(await listed("none")).toEqual([id]);

    const first = { decision: "confirmed", by: "ann@example.com", reason: "the same goal" };
    const decided = await checkOf(await post(id, "decision", first));
    expect(decided.decision).toEqual({ ...first, decided_at: expect.any(String) });
    expect(await listed("none")).toEqual([]);
    expect(await listed("confirmed")).toEqual([id]);

    const second = await checkOf(await post(id, "decision", { decision: "rejected", by: "bob" }));
    expect(second.decision).toMatchObject({ decision: "rejected", by: "bob", reason: null });
    expect(await checkOf(await ask(`/v1/checks/${id}`))).toEqual(second);
    expect(await listed("confirmed")).toEqual([]);
    expect(await listed("rejected")).toEqual([id]);

    const history = await jsonOf(await ask(`/v1/checks/${id}/decisions?limit=1`));
    expect(history.data).toEqual([second.decision]);
    const rest = await jsonOf(await ask(`/v1/checks/${id}/decisions?cursor=${history.next_cursor}`));
    expect(rest).toEqual({ data: [decided.decision], next_cursor: null });
  });

  it("is for verdicts of review only, and says by whom", async () => {
    const { id } = await inReview("review-refuse");
    for (const json of [
      { decision: "confirmed" },
      { decision: "maybe", by: "me" },
      { decision: "rejected", by: "" },
    ])
      await expectProblem(await post(id, "decision", json), 400, "invalid_request");
    const unique = await check("decide-unique", "u");
    const json = { decision: "confirmed", by: "me" };
    await expectProblem(await post(unique.id, "decision", json), 409, "not_in_review");
  });
});

describe("listing", () => {
  it("newest first, page by page, without what is large", async () => {
    const library = "similar-list";
    await ask(`/v1/references?library=${library}&id=a`, { bytes: videoBytes(900, "list a") });
    const ids: string[] = [];
    for (const seed of ["l1", "l2", "l3"]) ids.unshift((await check(library, seed, "&explain=true")).id);
    const first = await jsonOf(await ask(at(library, "&limit=2")));
    expect(first.data.map((one: { id: string }) => one.id)).toEqual(ids.slice(0, 2));
    for (const one of first.data) {
      expect(listedCheckSchema.strict().parse(one)).toMatchObject({ verdict: "duplicate", library });
    }
    const second = await jsonOf(await ask(at(library, `&limit=2&cursor=${first.next_cursor}`)));
    expect(second.data.map((one: { id: string }) => one.id)).toEqual(ids.slice(2));
    expect(second.next_cursor).toBeNull();
  });

  it("by each filter, all of which must hold", async () => {
    const library = "partial-filter";
    await check(library, "f0");
    await ask(`/v1/references?library=${library}&id=a`, { bytes: videoBytes(900, "filter a") });
    await check(library, "f1");
    await ask(at("broken-filter"), { bytes: videoBytes(900, "f2") });
    const row = (id: string) =>
      env.DB.prepare("UPDATE checks SET created_at = '2020-06-01T00:00:00.000Z' WHERE id = ?").bind(id).run();
    const count = async (query: string) => (await jsonOf(await ask(`/v1/checks?${query}`))).data.length;
    expect(await count(`library=${library}&verdict=partial_copy`)).toBe(1);
    expect(await count(`library=${library}&verdict=unique`)).toBe(1);
    expect(await count(`library=${library}&status=completed`)).toBe(2);
    expect(await count(`library=${library}&status=failed`)).toBe(0);
    const [failed] = (await jsonOf(await ask("/v1/checks?library=broken-filter&status=failed"))).data;
    expect(failed.problem.code).toBe("unreadable_video");
    await row(failed.id);
    const around = "created_after=2020-06-01T00:30:00%2B01:00&created_before=2020-06-01T00:00:01Z";
    expect(await count(around)).toBe(1);
    expect(await count("created_before=2020-06-01T00:00:00Z")).toBe(0);
    expect(await count("created_after=2020-06-01T00:00:00Z&library=broken-filter")).toBe(0);
  });

  it.each([
    "status=done",
    "created_after=yesterday",
    "limit=0",
    "limit=201",
    "cursor=x",
    "nope=1",
    "library=A!",
  ])(
    "does not take %s",
    async (query) => void (await expectProblem(await ask(`/v1/checks?${query}`), 400, "invalid_request")),
  );

  it.each([
    ["checks_by_time", {}],
    ["checks_by_time", { created_after: "2020", created_before: "2030" }],
    ["checks_by_status", { status: "failed" }],
    ["checks_by_verdict", { verdict: "review" }],
    ["checks_by_library", { library: "l" }],
    ["checks_by_decision", { decision: "confirmed" }],
    ["checks_by_decision", { decision: "none" }],
  ] as const)("reads %s in its order for %j", async (index, filter) => {
    const plans: string[] = [];
    const db = {
      prepare: (sql: string) => env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`),
    } as unknown as D1Database;
    for (const after of [null, ["2025", "chk_1"]]) {
      const { results } = await listChecks(db, "t", filter, after, 10).all<{ detail: string }>();
      plans.push(...results.map(({ detail }) => detail));
    }
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).toContain(`USING INDEX ${index} (`);
  });
});

describe("deleting", () => {
  it("takes the result, the explanation and the decisions along", async () => {
    const library = "review-delete";
    await ask(`/v1/references?library=${library}&id=a`, { bytes: videoBytes(900, "delete a") });
    const { id } = await check(library, "d1", "&explain=true");
    await post(id, "decision", { decision: "rejected", by: "me" });
    expect((await storedObjects()).filter((key) => key.includes(id))).toHaveLength(1);
    expect((await ask(`/v1/checks/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await storedObjects()).filter((key) => key.includes(id))).toEqual([]);
    const left = env.DB.prepare("SELECT * FROM check_decisions WHERE check_id = ?").bind(id);
    expect((await left.all()).results).toEqual([]);
    for (const method of ["GET", "DELETE"])
      await expectProblem(await ask(`/v1/checks/${id}`, { method }), 404, "check_not_found");
  });

  it("waits for the end; a runner that comes late does not bring it back", async () => {
    const library = "gated-delete";
    const waiting = ask(at(library), { bytes: videoBytes(900, "d2") });
    await eventually(async () => (await analysesOf(library)).length > 0);
    const { id } = (await jsonOf(await ask(at(library)))).data[0];
    await expectProblem(await ask(`/v1/checks/${id}`, { method: "DELETE" }), 409, "check_unfinished");
    // As if another runner had ended it, and its owner deleted it, while this one still waits.
    await env.DB.prepare("DELETE FROM checks WHERE id = ?").bind(id).run();
    await openGate(library);
    await expectProblem(await waiting, 404, "check_not_found");
    await expectProblem(await ask(`/v1/checks/${id}`), 404, "check_not_found");
  });

  it("happens by itself after the configured days, not before", async () => {
    const { id } = await check("delete-old", "d3");
    const open = await checkOf(await ask(at("gated-delete-old"), { bytes: videoBytes(900, "d4"), headers }));
    await eventually(async () => (await analysesOf("gated-delete-old")).length > 0);
    const age = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const sweepAt = async (completedAt: string) => {
      await env.DB.prepare("UPDATE checks SET completed_at = ? WHERE id = ?").bind(completedAt, id).run();
      await sweep(
        requestContextOf({ ...env, CHECK_RETENTION_DAYS: "3" }, { waitUntil: () => {} }),
        Date.now(),
      );
      return (await ask(`/v1/checks/${id}`)).status;
    };
    expect(await sweepAt(age(2.9))).toBe(200);
    expect(await sweepAt(age(3.1))).toBe(404);
    expect((await ask(`/v1/checks/${open.id}`)).status).toBe(200);
    await openGate("gated-delete-old");
  });
});
