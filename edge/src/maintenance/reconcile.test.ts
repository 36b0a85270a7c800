// Rows, entries and objects that do not fit each other: each kind is found, repaired when asked, and then gone.

import { DIFFERENCES, type Difference, type Job, type ReconcileResult } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { env, expectProblem, jsonOf } from "../../test/client.ts";
import { ownWorker } from "../../test/own-worker.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const { ask, add, begin, finish, run, control, index, forget, queue } = ownWorker("reconcile", {
  KEEP_ORIGINALS: "true",
});
const bytes = (seed: string) => videoBytes(900, seed);
const resultOf = (job: Job) => job.result as ReconcileResult;
const found = (job: Job) =>
  Object.fromEntries(DIFFERENCES.map((name) => [name, resultOf(job).differences[name].found])) as Record<
    Difference,
    number
  >;
const nothing = Object.fromEntries(DIFFERENCES.map((name) => [name, 0]));
const look = () => run({ kind: "reconcile" });
const repair = () => run({ kind: "reconcile", repair: true });
const keyOf = (id: string) =>
  env.DB.prepare("SELECT object_key FROM library_references WHERE id = ?")
    .bind(id)
    .first<string>("object_key");
/** Objects of the tests are younger than an hour; what the Worker sees is as old as this makes them. */
const aged = { get: (target: R2Bucket, name: keyof R2Bucket) => agedMember(target, name) };
function agedMember(target: R2Bucket, name: keyof R2Bucket) {
  const member = target[name] as (...given: unknown[]) => unknown;
  if (name !== "list") return member.bind(target);
  return async (options: R2ListOptions) => {
    const listed = await target.list(options);
    const objects = listed.objects.map(({ key }) => ({
      key,
      uploaded: new Date(key.includes("young") ? Date.now() : 0),
    }));
    return { ...listed, objects };
  };
}

beforeAll(async () => {
  for (const id of ["a", "b", "c", "d"]) await add("lib", id, bytes(id));
  await ask("/v1/admin/index/generations", { json: { name: "next", model: "other" } });
  await run({ kind: "re_embed", generation: "next" });
});

describe("reconciling", () => {
  it("finds nothing where all is well, and changes nothing", async () => {
    const before = await index();
    const job = await repair();
    expect(job).toMatchObject({ status: "completed", result: { references: 4, entries: 8, failed: 0 } });
    expect(found(job)).toEqual(nothing);
    expect(resultOf(job).beside).toEqual([{ generation: "next", missing: 0 }]);
    expect(await index()).toEqual(before);
  });

  it("finds an entry that is lost, and puts it back under its own job", async () => {
    await index({ forget: "default/lib/a" });
    const seen = await look();
    expect(found(seen)).toEqual({ ...nothing, row_without_entry: 1 });
    expect(resultOf(seen).differences.row_without_entry.samples).toEqual(["main: default/lib/a"]);
    expect(resultOf(seen).beside).toEqual([{ generation: "next", missing: 1 }]);
    expect((await index()).generations.main).not.toContain("default/lib/a");
    const mended = await repair();
    expect(resultOf(mended).differences.row_without_entry).toMatchObject({ found: 1, repaired: 1 });
    expect(found(await look())).toEqual(nothing);
    expect((await index()).generations.next).toContain("default/lib/a");
  });

  it("finds an entry of another job in every generation, and replaces it", async () => {
    await index({ foreign: "default/lib/b" });
    const seen = await look();
    expect(found(seen)).toEqual({ ...nothing, entry_of_another_job: 2 });
    await repair();
    const after = await look();
    expect(found(after)).toEqual(nothing);
    expect(resultOf(after).beside).toEqual([{ generation: "next", missing: 0 }]);
  });

  it("finds entries of nobody, and deletes them from every generation", async () => {
    await index({ orphan: "default/lib/nobody" });
    expect(found(await look())).toEqual({ ...nothing, entry_without_row: 2 });
    expect((await index()).generations.main).toContain("default/lib/nobody");
    await repair();
    expect(found(await look())).toEqual(nothing);
    expect((await index()).generations.main).not.toContain("default/lib/nobody");
  });

  it("leaves alone what is being added or deleted", async () => {
    await index({ orphan: "default/lib/claimed" });
    await index({ orphan: "default/lib/leaving" });
    const now = new Date().toISOString();
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO library_references
           (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
         VALUES ('default', 'lib', 'claimed', 'x', 'indexing', 'job_x', '{}', '{}', ?1, ?1)`,
      ).bind(now),
      env.DB.prepare(
        "INSERT INTO deleted_references (tenant, library, id, job_id, object_key, updated_at) VALUES ('default', 'lib', 'leaving', 'job_orphan', NULL, ?)",
      ).bind(now),
    ]);
    expect(found(await repair())).toEqual(nothing);
    expect((await index()).generations.main).toEqual(
      expect.arrayContaining(["default/lib/claimed", "default/lib/leaving"]),
    );
    await env.DB.batch([
      env.DB.prepare("DELETE FROM library_references WHERE id = 'claimed'"),
      env.DB.prepare("DELETE FROM deleted_references"),
    ]);
    // Each is deleted from all generations where it is found first.
    expect(found(await repair())).toEqual({ ...nothing, entry_without_row: 2 });
    expect(found(await look())).toEqual(nothing);
  });

  it("fails a reference that cannot be indexed again, and says so to whoever asks for it", async () => {
    await env.OBJECTS.delete((await keyOf("c"))!);
    await index({ forget: "default/lib/c" });
    const job = await repair();
    expect(found(job)).toEqual({ ...nothing, row_without_entry: 1 });
    expect(resultOf(job).failed).toBe(1);
    const problem = await expectProblem(
      await ask("/v1/references/c?library=lib"),
      404,
      "reference_not_found",
    );
    expect(problem.detail).toContain("The index lost this reference");
    await forget();
    expect(found(await look())).toEqual(nothing);
  });

  it("forgets originals that are gone, and keeps the reference", async () => {
    await env.OBJECTS.delete((await keyOf("d"))!);
    expect(found(await look())).toEqual({ ...nothing, row_whose_object_is_gone: 1 });
    expect(await keyOf("d")).not.toBeNull();
    await repair();
    expect(await keyOf("d")).toBeNull();
    expect(found(await look())).toEqual(nothing);
    expect((await ask("/v1/references/d?library=lib")).status).toBe(200);
  });

  it("finds stored objects that nothing names, but not young ones", async () => {
    const keys = [
      "references/default/lib/job_left",
      "intake/chk_left",
      "explanations/chk_left/x",
      "intake/young",
    ];
    for (const key of keys) await env.OBJECTS.put(key, "x");
    expect(found(await look())).toEqual(nothing);
    const old = ownWorker("reconcile", {
      KEEP_ORIGINALS: "true",
      OBJECTS: new Proxy(env.OBJECTS, aged as ProxyHandler<R2Bucket>),
    });
    const seen = await old.run({ kind: "reconcile" });
    expect(resultOf(seen).differences.object_without_row).toEqual({
      found: 3,
      repaired: 0,
      samples: ["references/default/lib/job_left", "intake/chk_left", "explanations/chk_left/x"],
    });
    await old.run({ kind: "reconcile", repair: true });
    expect(found(await old.run({ kind: "reconcile" }))).toEqual(nothing);
    const { objects } = await env.OBJECTS.list();
    const left = objects.map(({ key }) => key).sort();
    expect(left).toEqual(["intake/young", (await keyOf("a"))!, (await keyOf("b"))!].sort());
  });

  it("goes on after broken connections, and counts nothing twice", async () => {
    await index({ forget: "default/lib/a" });
    await index({ forget: "default/lib/b" });
    const { id } = await begin({ kind: "reconcile", repair: true });
    const breaks = ["2", "3", "0", "4", "1"];
    const job = await finish(id, async () => {
      await control("break", { n: breaks.pop() ?? "0" });
    });
    expect(resultOf(job).differences.row_without_entry).toMatchObject({ found: 2, repaired: 2 });
    expect(found(await look())).toEqual(nothing);
    expect(queue).toEqual([]);
  });

  it("is told by the job as it goes", async () => {
    const { data } = await jsonOf(await ask("/v1/admin/jobs?kind=reconcile&limit=1"));
    expect(data[0]).toMatchObject({ status: "completed", progress: { stage: "end" } });
  });
});
