// What the edge tells the index to expect, and how an index that is not the expected one becomes it.

import { expect, it } from "vitest";
import { env, expectProblem, jsonOf } from "../../test/client.ts";
import type { Call } from "../../test/fake-backend.ts";
import { ownWorker } from "../../test/own-worker.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const { ask, control, run } = ownWorker("expected");
const library = "similar-expected";
const add = (id: string) =>
  ask(`/v1/references?library=${library}&id=${id}`, { bytes: videoBytes(4000, `${library} ${id}`) });
const check = (seed: string) => ask(`/v1/checks?library=${library}`, { bytes: videoBytes(9000, seed) });
const row = async () =>
  env.DB.prepare("SELECT epoch, ready, lacking FROM library_index WHERE library = ?").bind(library).first();
const whole = async () =>
  (await env.DB.prepare("SELECT * FROM index_installation").first<{
    installation: string;
    claimed_at: string | null;
    ready: number;
  }>())!;
const expected = async () => {
  const { calls } = await control("look", { library });
  return (calls as Call[]).findLast(({ method, index }) => method === "PUT" && index !== undefined)?.index;
};
/** A snapshot of what is there, to be restored. */
async function snapshot(): Promise<string> {
  const { result } = await run({ kind: "snapshot" });
  return (result as { snapshot: { id: string } }).snapshot.id;
}

it("each request says whose index it expects, how often it was written and how much is in it", async () => {
  const { installation } = await whole();
  expect(installation).toMatch(/^[0-9a-f]{32}$/);
  expect((await add("a")).status).toBe(201);
  expect(await expected()).toEqual({ installation, library: { epoch: 0, references: 0 }, unclaimed: 0 });
  expect(await row()).toEqual({ epoch: 1, ready: 1, lacking: 0 });
  expect((await add("b")).status).toBe(201);
  await check("expects two");
  expect(await expected()).toEqual({ installation, library: { epoch: 2, references: 2 } });
  expect(await whole()).toMatchObject({ claimed_at: expect.any(String), ready: 2 });
  await ask(`/v1/references/b?library=${library}`, { method: "DELETE" });
  await check("expects one");
  expect(await expected()).toMatchObject({ library: { epoch: 3, references: 1 } });
  // A library of which nothing can be missed expects nothing.
  await ask(`/v1/references/a?library=${library}`, { method: "DELETE" });
  await check("expects none");
  expect(await expected()).toMatchObject({ library: { epoch: 0, references: 0 }, unclaimed: 0 });
});

it("more references are disabled than a request can hold: the index is told of every one before it is asked", async () => {
  await add("c");
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
     INSERT INTO library_references (tenant, library, id, sha256, status, job_id, source, metadata, created_at,
       updated_at, disabled_at, availability)
     SELECT tenant, library, 'off' || n, sha256 || n, status, 'job_' || n, source, metadata, created_at, updated_at,
       updated_at, 1 FROM numbers, library_references WHERE library = ? AND id = 'c'`,
  )
    .bind(library)
    .run();
  const untold = () =>
    env.DB.prepare(
      "SELECT COUNT(*) AS n FROM library_references WHERE availability <> availability_told",
    ).first("n");
  expect(await untold()).toBe(5000);
  expect((await jsonOf(await check("five thousand are off"))).matches).toMatchObject([{ reference_id: "c" }]);
  expect(await untold()).toBe(0);
  await env.DB.prepare("DELETE FROM library_references WHERE id LIKE 'off%'").run();
  expect(await row()).toMatchObject({ ready: 1 });
});

it("an index that is another's is adopted by saying whose it is, and not while it lacks references", async () => {
  const { installation } = await whole();
  const index = async () => jsonOf(await ask("/v1/admin/index"));
  expect(await index()).toMatchObject({ installation, edge: { installation } });
  const taken = await snapshot();
  await add("d");
  const restored = await run({ kind: "restore", snapshot: taken, confirm: taken });
  expect(restored).toMatchObject({ status: "completed" });
  // Without "d" it is nobody's, and stays so.
  expect(await index()).toMatchObject({ installation: null });
  const adopt = (json: object) => ask("/v1/admin/index/adopt", { json });
  await expectProblem(await adopt({ confirm: installation }), 409, "confirmation_missing");
  const problem = await expectProblem(await adopt({ confirm: "nobody" }), 409, "generation_incomplete");
  expect(problem.detail).toContain("lacks 1 of 2");
  const accepted = await adopt({ confirm: "nobody", accept_missing: true });
  expect(await jsonOf(accepted)).toMatchObject({ installation });
  expect(await row()).toMatchObject({ ready: 2, lacking: 1 });
  await check("one may be missing");
  expect(await expected()).toMatchObject({ installation, library: { references: 1 } });
});

it("a reconciliation that finds or makes it whole makes it this installation's", async () => {
  const { installation } = await whole();
  await ask(`/v1/references/d?library=${library}`, { method: "DELETE" });
  const taken = await snapshot();
  await add("e");
  await run({ kind: "restore", snapshot: taken, confirm: taken });
  const index = async () => (await jsonOf(await ask("/v1/admin/index"))).installation;
  await run({ kind: "reconcile" });
  expect(await index()).toBeNull();
  // Its original is not kept: it becomes a failed one, and nothing is missing any more.
  await run({ kind: "reconcile", repair: true });
  expect(await index()).toBe(installation);
  expect(await row()).toMatchObject({ ready: 1, lacking: 0 });
});
