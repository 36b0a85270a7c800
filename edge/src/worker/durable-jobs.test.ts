// Work that was acknowledged ends as it should, whatever happens meanwhile: backends that die of it, outages, lost
// messages.

import { afterEach, describe, expect, it, vi } from "vitest";
import { env, eventually, expectProblem, jsonOf, storedObjects, upstream } from "../../test/client.ts";
import { heldJobs } from "../../test/held-jobs.ts";
import { makeKey } from "../../test/keys.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const DAY_MS = 24 * 3600_000;
const later = { prefer: "wait=0" };
const jobs = heldJobs("durable");

afterEach(() => {
  vi.useRealTimers();
  jobs.comeBack();
  jobs.queue.length = 0;
});

/** An accepted check, its message in the queue. */
async function accepted(library: string, name: string, query = ""): Promise<string> {
  const bytes = videoBytes(900, name);
  const response = await jobs.ask(`/v1/checks?library=${library}${query}`, { bytes, headers: later });
  expect(response.status).toBe(202);
  return (await jsonOf(response)).id;
}
const readCheck = async (id: string) => jsonOf(await jobs.ask(`/v1/checks/${id}`));

/** A promised reference, its message in the queue. */
async function promised(library: string, id: string): Promise<string> {
  const path = `/v1/references?library=${library}&id=${id}`;
  const response = await jobs.ask(path, { bytes: videoBytes(900, `${library} ${id}`), headers: later });
  expect(response.status).toBe(202);
  return `/v1/references/${id}?library=${library}`;
}
const rowOf = (library: string) =>
  env.DB.prepare("SELECT * FROM library_references WHERE library = ?")
    .bind(library)
    .first<{ job_id: string; status: string; failures: number; due_at: string | null }>();
const crashRow = (sha256: string) =>
  env.DB.prepare("SELECT crashes, stage, pending FROM analysis_crashes WHERE work = ?").bind(sha256).first();
const sha256Of = async (id: string) =>
  (await env.DB.prepare("SELECT sha256 FROM checks WHERE id = ?").bind(id).first<{ sha256: string }>())!
    .sha256;

describe("a video that kills the backend", () => {
  it("is set aside after three times, whoever sends it, and others go on meanwhile", async () => {
    const id = await accepted("dies", "poison");
    for (let turns = 0; await jobs.deliver(); turns++) {
      expect(turns).toBeLessThan(3);
      const other = await jobs.ask("/v1/checks?library=well", { bytes: videoBytes(900, "well") });
      expect(await jsonOf(other)).toMatchObject({ status: "completed", verdict: "unique" });
    }
    const { problem } = await readCheck(id);
    expect(problem).toMatchObject({ status: 422, code: "analysis_crashed" });
    expect(problem.detail).toMatch(/broke off 3 times at the stage "probe"/);
    expect(await jobs.crashesTold("dies")).toEqual([undefined, 1, 2]);
    expect(await crashRow(await sha256Of(id))).toEqual({ crashes: 3, stage: "probe", pending: null });

    const bytes = videoBytes(900, "poison");
    await expectProblem(await jobs.ask("/v1/checks?library=well", { bytes }), 422, "analysis_crashed");
    await expectProblem(await jobs.ask("/v1/references?library=well", { bytes }), 422, "analysis_crashed");
    expect(await jobs.crashesTold("dies")).toHaveLength(3);
    // Another tenant's files are not judged by it.
    const key = await makeKey(["admin"], { tenant: "durable-other" });
    const there = await jobs.ask("/v1/checks?library=well", { bytes, key });
    expect(await jsonOf(there)).toMatchObject({ verdict: "unique" });
  });

  it("is counted on when a client sends it again and again, and may be tried again a day later", async () => {
    const bytes = videoBytes(900, "sent again");
    const send = () => jobs.ask("/v1/checks?library=dies-again", { bytes });
    await expectProblem(await send(), 503, "backend_unavailable");
    await expectProblem(await send(), 422, "analysis_crashed");
    await expectProblem(await send(), 422, "analysis_crashed");
    expect(await jobs.crashesTold("dies-again")).toEqual([undefined, 1, 2]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1.1 * DAY_MS });
    await jobs.sweep();
    vi.useRealTimers();
    await expectProblem(await send(), 503, "backend_unavailable");
  });

  it("counts once for all who wait for it, and not when it ends well after all", async () => {
    const library = "gated-dies";
    const ids = await Promise.all([1, 2, 3].map(() => accepted(library, "thrice")));
    const told = async (count: number) =>
      eventually(async () => (await jobs.crashesTold(library)).length === count);
    const running = Promise.all(jobs.queue.splice(0).map(({ body }) => jobs.consume(body)));
    await told(3);
    await jobs.control("open", { library });
    await told(6);
    expect(await jobs.crashesTold(library)).toEqual([undefined, undefined, undefined, 1, 1, 1]);
    const sha256 = await sha256Of(ids[0]!);
    expect(await crashRow(sha256)).toMatchObject({ crashes: 1 });
    await jobs.control("open", { library });
    await running;
    expect(await crashRow(sha256)).toMatchObject({ crashes: 2 });
    for (const id of ids) await jobs.ask(`/v1/checks/${id}/cancel`, { method: "POST" });
    const fine = await jobs.ask("/v1/checks?library=well", { bytes: videoBytes(900, "thrice") });
    expect(await jsonOf(fine)).toMatchObject({ verdict: "unique" });
    expect(await crashRow(sha256)).toBeNull();
  });

  it("is no reference, and says why; what it may have left in the index is forgotten", async () => {
    const path = await promised("dies-reference", "poison");
    await jobs.deliver();
    expect(await rowOf("dies-reference")).toMatchObject({ status: "indexing", failures: 1 });
    await jobs.deliver();
    const { detail } = await expectProblem(await jobs.ask(path), 404, "reference_not_found");
    expect(detail).toMatch(/analysis_crashed.*"probe"/);
    expect(jobs.queue.shift()?.body).toMatchObject({ type: "reference_delete", id: "poison" });
    await eventually(async () => (await storedObjects()).length === 0);
  });

  it("may also be asked about, which ends as well", async () => {
    const send = () => jobs.ask("/v1/search?library=dies-asked", { bytes: videoBytes(900, "asked") });
    await expectProblem(await send(), 503, "backend_unavailable");
    await expectProblem(await send(), 422, "analysis_crashed");
    await expectProblem(await send(), 422, "analysis_crashed");
  });
});

describe("a connection that breaks", () => {
  it("is taken up again where the analysis goes on, and counts for nothing", async () => {
    const answer = await jobs.ask("/v1/checks?library=hiccups", { bytes: videoBytes(900, "hiccup") });
    expect(await jsonOf(answer)).toMatchObject({ verdict: "unique" });
    expect(await jobs.crashesTold("hiccups")).toEqual([undefined]);
    expect(await env.DB.prepare("SELECT * FROM analysis_crashes WHERE crashes = 0").first()).toBeNull();
  });

  it.each([
    { library: "hiccups-away", crashes: [undefined], ends: { status: "completed" }, what: "goes on" },
    { library: "dies-away", crashes: [undefined, 1, 2], ends: { status: "failed" }, what: "is gone" },
  ])(
    "is asked about first when the backend is back: the analysis $what",
    async ({ library, crashes, ends }) => {
      const id = await accepted(library, library);
      // The request that asks whether it goes on does not get through.
      await jobs.control("break", { n: "1", skip: "1" });
      await jobs.deliver();
      const sha256 = await sha256Of(id);
      expect(await crashRow(sha256)).toMatchObject({ crashes: 0, pending: expect.stringContaining(id) });
      await jobs.drain();
      expect(await readCheck(id)).toMatchObject(ends);
      expect(
        (await jobs.crashesTold(library)).filter((told, i, all) => i === 0 || told !== all[i - 1]),
      ).toEqual(crashes);
    },
  );
});

describe("an outage", () => {
  it("longer than any number of retries only delays a reference, and its object stays, however old", async () => {
    const path = await promised("outage", "kept");
    jobs.goAway();
    const delays: number[] = [];
    for (let tries = 0; tries < 30; tries++) {
      expect(await jobs.deliver()).toBe(true);
      delays.push(jobs.queue[0]!.delaySeconds);
    }
    expect(delays.slice(0, 3)).toEqual([2, expect.toBeOneOf([3, 4]), expect.toBeOneOf([6, 7, 8])]);
    expect(Math.min(...delays.slice(10))).toBeGreaterThanOrEqual(675);
    expect(Math.max(...delays)).toBeLessThanOrEqual(900);
    expect(await rowOf("outage")).toMatchObject({ status: "indexing", failures: 30 });

    // Days later, with the messages lost.
    jobs.queue.length = 0;
    await env.OBJECTS.put("intake/job_of_nobody", "x");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 9 * DAY_MS });
    await jobs.sweep();
    vi.useRealTimers();
    expect(await storedObjects()).toEqual([expect.stringMatching(/^intake\/job_/)]);
    expect(await storedObjects()).not.toContain("intake/job_of_nobody");
    expect(jobs.queue).toContainEqual(
      expect.objectContaining({ body: expect.objectContaining({ type: "reference" }) }),
    );
    jobs.comeBack();
    await jobs.drain();
    expect(await jsonOf(await jobs.ask(path))).toMatchObject({ id: "kept", status: "ready" });
    await eventually(async () => (await storedObjects()).length === 0);
  });

  it("of a day ends a check with the problem that it had; a shorter one does not", async () => {
    const id = await accepted("outage-check", "check", "&index=if_unique");
    jobs.goAway();
    const age = (hours: number) =>
      env.DB.prepare("UPDATE checks SET created_at = ? WHERE id = ?")
        .bind(new Date(Date.now() - hours * 3600_000).toISOString(), id)
        .run();
    await age(23.9);
    await jobs.deliver();
    expect(await readCheck(id)).toMatchObject({ status: "running" });
    await age(24.1);
    await jobs.deliver();
    expect(await readCheck(id)).toMatchObject({
      status: "failed",
      problem: { code: "backend_unavailable" },
    });
    expect(await rowOf("outage-check")).toBeNull();
  });

  it("only delays the lines of an import", async () => {
    const db = env.DB;
    await db.batch([
      db.prepare(
        `INSERT INTO imports (id, tenant, library, status, total, turn, created_at, updated_at)
         VALUES ('imp_outage', 'default', 'outage-import', 'running', 1, 0, '2020', '2020')`,
      ),
      db
        .prepare(
          `INSERT INTO import_lines (import_id, line, status, source_url, url, reference_id, metadata, attempts,
                                     due_at, updated_at)
           VALUES ('imp_outage', 1, 'queued', ?, 'u', 'line', '{}', 50, '2020', '2020')`,
        )
        .bind(upstream("/known/900/outage.mp4")),
    ]);
    jobs.goAway();
    await jobs.consume({ type: "import", import_id: "imp_outage", turn: 0 });
    const line = () => db.prepare("SELECT status FROM import_lines WHERE import_id = 'imp_outage'").first();
    expect(await line()).toEqual({ status: "queued" });
    // With nothing due it asks less and less often.
    for (let turn = 0; turn < 8; turn++) await jobs.consume(jobs.queue.pop()!.body);
    expect(jobs.queue.splice(0).at(-1)).toMatchObject({ delaySeconds: 60, body: { turn: 9 } });
    jobs.comeBack();
    await db.prepare("UPDATE import_lines SET due_at = '2020' WHERE import_id = 'imp_outage'").run();
    await jobs.consume({ type: "import", import_id: "imp_outage", turn: 9 });
    await jobs.drain();
    expect(await line()).toEqual({ status: "done" });
  });
});

describe("messages", () => {
  it("that come before their work is due do nothing, and a lost one is made up for once it is due", async () => {
    await promised("lost-message", "a");
    jobs.goAway();
    await jobs.deliver();
    for (const { body } of jobs.queue.splice(0)) await jobs.consume(body);
    expect([await rowOf("lost-message"), jobs.queue]).toMatchObject([{ failures: 1 }, []]);
    await jobs.sweep();
    expect(jobs.queue).toEqual([]);
    jobs.comeBack();
    await jobs.sweep(Date.now() + 70_000);
    await jobs.drain();
    expect(await rowOf("lost-message")).toMatchObject({ status: "ready" });
  });

  it("that are dead leave the work to the next sweep", async () => {
    const id = await accepted("dead", "dead");
    await promised("dead", "dead");
    for (const { body } of jobs.queue.splice(0)) await jobs.consume(body, "twinframe-staging-jobs-dead");
    expect(await rowOf("dead")).toMatchObject({ status: "indexing" });
    await jobs.sweep(Date.now() + 70_000);
    expect(jobs.queue.map(({ body }) => body.type).sort()).toEqual(["check", "reference"]);
    await jobs.drain();
    expect(await readCheck(id)).toMatchObject({ status: "completed" });
    expect(await rowOf("dead")).toMatchObject({ status: "ready" });
  });
});
