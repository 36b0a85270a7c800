// Maintenance jobs: who may, one at a time, to an end that is told whatever was lost on the way.

import { jobSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { ask as askShared, env, eventually, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { OPERATIONS } from "../../test/operations.ts";
import { ownWorker } from "../../test/own-worker.ts";

const { ask, submit, begin, turn, read, finish, run, control, queue, sweep } = ownWorker("jobs");
const auditOf = async (query: string) => (await jsonOf(await ask(`/v1/admin/audit?${query}`))).data;

describe("who may", () => {
  const operations = OPERATIONS.filter(({ operator }) => operator);

  it("nobody but an operator with the scope admin", async () => {
    expect(operations.length).toBeGreaterThan(10);
    const refused = [await makeKey(["admin"]), await makeKey(["operator", "libraries:manage"])];
    const allowed = await makeKey(["admin", "operator"]);
    for (const { method, path } of operations) {
      const at = path.replace(/\{\w+\}/, "none");
      for (const key of refused) {
        const answer = await ask(at, { method: method.toUpperCase(), key });
        await expectProblem(answer, 403, "insufficient_scope");
      }
      expect([401, 403]).not.toContain(
        (await ask(at, { method: method.toUpperCase(), key: allowed })).status,
      );
    }
  });

  it("the scope operator comes from operators only, and what has it is theirs", async () => {
    const admin = await makeKey(["admin"], { tenant: "default" });
    const json = { name: "ops", scopes: ["admin", "operator"] };
    await expectProblem(await ask("/v1/keys", { key: admin, json }), 403, "insufficient_scope");
    const made = await jsonOf(await ask("/v1/keys", { json }));
    expect((await ask("/v1/admin/jobs", { key: made.key })).status).toBe(200);
    const path = `/v1/keys/${made.id}`;
    const change = { method: "PATCH", key: admin, json: { name: "mine" } };
    await expectProblem(await ask(path, change), 403, "insufficient_scope");
    const rotated = await ask(`${path}/rotate`, { key: admin, method: "POST" });
    await expectProblem(rotated, 403, "insufficient_scope");
    await expectProblem(await ask(path, { method: "DELETE", key: admin }), 403, "insufficient_scope");
    const plain = await jsonOf(await ask("/v1/keys", { key: admin, json: { ...json, scopes: ["admin"] } }));
    const raise = { method: "PATCH", key: admin, json: { scopes: ["admin", "operator"] } };
    await expectProblem(await ask(`/v1/keys/${plain.id}`, raise), 403, "insufficient_scope");
    expect((await ask(`${path}/rotate`, { key: made.key, method: "POST" })).status).toBe(200);
  });
});

describe("a job", () => {
  it("is worked by the queue", async () => {
    const accepted = await askShared("/v1/admin/jobs", { json: { kind: "optimise" } });
    expect(accepted.status).toBe(202);
    const { id } = jobSchema.parse(await jsonOf(accepted));
    expect(accepted.headers.get("location")).toBe(`/v1/admin/jobs/${id}`);
    const job = await eventually(async () => {
      const seen = await jsonOf(await askShared(`/v1/admin/jobs/${id}`));
      return seen.completed_at !== null && seen;
    });
    expect(job).toMatchObject({ status: "completed", result: { bytes_before: 100, bytes_after: 60 } });
  });

  it("copies, restores and compares generations, and is in the audit from its asking to its end", async () => {
    const taken = await run({ kind: "snapshot" });
    expect(taken).toMatchObject({ status: "completed", result: { snapshot: { generation: "main" } } });
    const { id: snapshot } = (taken.result as { snapshot: { id: string } }).snapshot;
    const listed = await jsonOf(await ask("/v1/admin/index/snapshots"));
    expect(listed.snapshots.map(({ id }: { id: string }) => id)).toEqual([snapshot]);
    await expectProblem(await submit({ kind: "restore", snapshot }), 409, "confirmation_missing");
    const epoch = async () => (await jsonOf(await ask("/v1/admin/epochs"))).index;
    const before = await epoch();
    const restored = await run({ kind: "restore", snapshot, confirm: snapshot });
    expect(restored).toMatchObject({ status: "completed", result: { kind: "restore", references: 0 } });
    expect(await epoch()).toBeGreaterThan(before);
    expect(await run({ kind: "compare", generation: "main", with: "main" })).toMatchObject({
      status: "completed",
      result: { kind: "compare", only_first: 0 },
    });
    const entries = await auditOf(`job_id=${restored.id}`);
    expect(entries).toMatchObject([
      { action: "job.restore", outcome: "completed", key_id: "bootstrap", subject: { snapshot } },
      { action: "job.restore", outcome: "asked", key_id: "bootstrap", key_tenant: "default" },
    ]);
    const gone = `/v1/admin/index/snapshots/${snapshot}`;
    await expectProblem(await ask(gone, { method: "DELETE", json: {} }), 409, "confirmation_missing");
    expect((await ask(gone, { method: "DELETE", json: { confirm: snapshot } })).status).toBe(204);
    expect((await jsonOf(await ask("/v1/admin/index/snapshots"))).snapshots).toEqual([]);
    const [done, begun] = await auditOf("action=snapshot.");
    expect([done, begun]).toMatchObject([{ outcome: "done" }, { outcome: "begun", subject: { snapshot } }]);
  });

  it("fails with what to do when it cannot be done", async () => {
    const absent = await run({ kind: "restore", snapshot: "snp_absent", confirm: "snp_absent" });
    expect(absent).toMatchObject({ status: "failed", problem: { code: "snapshot_not_found" }, result: null });
    const unknown = await run({ kind: "re_embed", generation: "none" });
    expect(unknown).toMatchObject({ status: "failed", problem: { code: "generation_not_found" } });
    expect((await auditOf(`job_id=${unknown.id}`))[0]).toMatchObject({ outcome: "failed" });
  });

  it("goes alone, unless it only reads what others read", async () => {
    const reading = await begin({ kind: "snapshot" });
    const beside = await begin({ kind: "compare", generation: "main", with: "main" });
    const problem = await expectProblem(await submit({ kind: "optimise" }), 409, "job_in_the_way");
    expect(problem.detail).toContain(reading.id);
    await finish(reading.id);
    await finish(beside.id);
    const alone = await begin({ kind: "optimise" });
    await expectProblem(await submit({ kind: "snapshot" }), 409, "job_in_the_way");
    await expectProblem(await submit({ kind: "optimise" }), 409, "job_in_the_way");
    await finish(alone.id);
  });

  it("that has not begun is cancelled at once, and its message comes too late", async () => {
    const { id } = await begin({ kind: "optimise" });
    const cancel = `/v1/admin/jobs/${id}/cancel`;
    expect(await jsonOf(await ask(cancel, { method: "POST" }))).toMatchObject({ status: "cancelled" });
    expect((await ask(cancel, { method: "POST" })).status).toBe(200);
    await turn(id);
    expect(await read(id)).toMatchObject({ status: "cancelled", result: null, cancelling: false });
    expect((await auditOf(`job_id=${id}`)).map((entry: { outcome: string }) => entry.outcome)).toEqual([
      "cancelled",
      "asked",
    ]);
    const done = await run({ kind: "optimise" });
    await expectProblem(
      await ask(`/v1/admin/jobs/${done.id}/cancel`, { method: "POST" }),
      409,
      "job_finished",
    );
  });

  it("under way in the backend is stopped there, and says how far it was", async () => {
    await control("hold");
    const { id } = await begin({ kind: "optimise" });
    const working = turn(id);
    await eventually(async () => (await read(id)).progress.done === 50);
    const answer = await jsonOf(await ask(`/v1/admin/jobs/${id}/cancel`, { method: "POST" }));
    expect(answer).toMatchObject({ status: "cancelled", result: null });
    await working;
    await control("release");
    expect(await read(id)).toMatchObject({ status: "cancelled", result: null });
  });

  it("outlives a backend that breaks off, and tells what it waits for", async () => {
    const { id } = await begin({ kind: "snapshot" });
    await control("break", { n: "1" });
    await turn(id);
    expect(await read(id)).toMatchObject({ status: "running", problem: { code: "backend_unavailable" } });
    expect(await finish(id)).toMatchObject({ status: "completed", problem: null });
    const { snapshots } = await jsonOf(await ask("/v1/admin/index/snapshots"));
    expect(snapshots.filter((one: { id: string }) => one.id === id.replace("mnt_", "snp_"))).toHaveLength(1);
  });

  it("whose turn was killed is taken up by the sweep", async () => {
    const { id } = await begin({ kind: "optimise" });
    queue.length = 0;
    await env.DB.prepare("UPDATE maintenance_jobs SET turn = 3, status = 'running' WHERE id = ?")
      .bind(id)
      .run();
    await sweep(Date.now());
    expect(queue).toEqual([]);
    await sweep(Date.now() + 20 * 60_000);
    expect(await finish(id)).toMatchObject({ status: "completed" });
  });

  it("is worked once, however often its message comes", async () => {
    const { id } = await begin({ kind: "optimise" });
    queue.push(...queue);
    expect(await finish(id)).toMatchObject({ status: "completed" });
    const before = await read(id);
    while (await turn(id));
    expect(await read(id)).toEqual(before);
  });

  it("is listed newest first, by kind and status", async () => {
    const newest = await run({ kind: "optimise" });
    const first = await jsonOf(await ask("/v1/admin/jobs?limit=2"));
    expect(first.data[0].id).toBe(newest.id);
    const next = await jsonOf(await ask(`/v1/admin/jobs?limit=2&cursor=${first.next_cursor}`));
    expect(next.data).toHaveLength(2);
    expect(next.data[0].created_at <= first.data[1].created_at).toBe(true);
    const { data } = await jsonOf(await ask("/v1/admin/jobs?kind=restore&status=failed"));
    expect(data).toMatchObject([{ kind: "restore", status: "failed" }]);
  });

  it.each([
    [{}],
    [{ kind: "drop_all" }],
    [{ kind: "optimise", now: true }],
    [{ kind: "compare", generation: "main", with: "main", sample: 1001 }],
    [{ kind: "re_embed", generation: "../x" }],
    [{ kind: "purge_tenant", tenant: "No Name" }],
  ])("is refused as %j", async (json) => {
    await expectProblem(await submit(json), 400, "invalid_request");
  });

  it("with an unknown id is none", async () => {
    await expectProblem(await ask("/v1/admin/jobs/none"), 404, "job_not_found");
    await expectProblem(await ask("/v1/admin/jobs/none/cancel", { method: "POST" }), 404, "job_not_found");
  });
});

describe("the audit", () => {
  it("tells keys, policies and what was disabled, newest first, and is never changed", async () => {
    const { id } = await jsonOf(await ask("/v1/keys", { json: { name: "a", scopes: ["checks:write"] } }));
    await ask(`/v1/keys/${id}`, { method: "DELETE" });
    await ask("/v1/libraries/default/policy", { method: "PUT", json: { visual: { copy_score: 0.9 } } });
    const data = await auditOf("limit=3");
    expect(data.map((entry: { action: string }) => entry.action)).toEqual([
      "policy.save",
      "key.revoke",
      "key.create",
    ]);
    expect(data[2]).toMatchObject({
      key_id: "bootstrap",
      outcome: "done",
      subject: { id, tenant: "default" },
    });
    const page = await jsonOf(await ask("/v1/admin/audit?limit=1"));
    const next = await jsonOf(await ask(`/v1/admin/audit?limit=1&cursor=${page.next_cursor}`));
    expect(next.data[0].number).toBe(page.data[0].number - 1);
    await expect(env.DB.prepare("UPDATE audit SET key_id = 'x'").run()).rejects.toThrow("append-only");
  });

  it("is kept for so many days", async () => {
    await env.DB.prepare(
      `INSERT INTO audit (at, key_id, key_tenant, action, subject, outcome)
       VALUES ('2020-01-01T00:00:00.000Z', 'old', 'old', 'old', '{}', 'done')`,
    ).run();
    await sweep(Date.now());
    expect(await auditOf("action=old")).toEqual([]);
    expect(await auditOf("action=key.create")).not.toEqual([]);
  });
});
