// The restore drill, with both services: a snapshot, then deletions and additions, the snapshot back, and
// everything as it should be again once it is reconciled. Then another model's generation, and back; then nothing.

import { openAsBlob } from "node:fs";
import { type Job, jobSchema, type ReconcileResult } from "@twinframe/shared/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectProblem, query } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { until } from "./until.ts";

const library = "drill";
let services: OwnServices & AsyncDisposable;

beforeAll(async () => {
  services = await startOwnServices({ extraEdgeVars: { KEEP_ORIGINALS: "true", PURGE_SETTLE_MS: "0" } });
});
afterAll(() => services[Symbol.asyncDispose]());

async function run(json: object): Promise<Job> {
  const { status, body } = await services.api.ask("POST", "/v1/admin/jobs", { json });
  expect(status, JSON.stringify(body)).toBe(202);
  return until(`the end of ${body.id}`, async () => {
    const job = jobSchema.parse((await services.api.ask("GET", `/v1/admin/jobs/${body.id}`)).body);
    return job.completed_at === null ? undefined : job;
  });
}

async function reconcile(repair: boolean): Promise<ReconcileResult> {
  const job = await run({ kind: "reconcile", repair });
  expect(job, JSON.stringify(job)).toMatchObject({ status: "completed" });
  return job.result as ReconcileResult;
}

const found = ({ differences }: ReconcileResult) =>
  Object.fromEntries(Object.entries(differences).map(([name, one]) => [name, one.found]));
const nothing = {
  row_without_entry: 0,
  entry_without_row: 0,
  entry_of_another_job: 0,
  object_without_row: 0,
  row_whose_object_is_gone: 0,
};
/** Another encoding of the scene: found by what it shows, through the index. */
const foundAs = async (file: string) => {
  const check = await services.api.check(await edited(file, "grey"), { library });
  return check.matches?.map(({ reference_id }) => reference_id);
};

test("after a restore and a repair every check is right again", async () => {
  const { api } = services;
  const [valley, spiral, colours, card] = await Promise.all([
    scene("valley"),
    scene("spiral"),
    scene("colours"),
    scene("test-card"),
  ]);
  for (const [id, file] of Object.entries({ valley, spiral, colours }))
    await api.addReference(file, { id, library });
  const taken = await run({ kind: "snapshot" });
  expect(taken, JSON.stringify(taken)).toMatchObject({
    status: "completed",
    result: { snapshot: { references: 3 } },
  });
  const { id: snapshot } = (taken.result as { snapshot: { id: string } }).snapshot;

  await api.ask("DELETE", `/v1/references/valley${query({ library })}`);
  await api.ask("POST", `/v1/references/spiral/disable${query({ library })}`);
  await api.addReference(card, { id: "card", library });
  const restored = await run({ kind: "restore", snapshot, confirm: snapshot });
  expect(restored, JSON.stringify(restored)).toMatchObject({
    status: "completed",
    result: { references: 3 },
  });

  // It lacks one that was added since: until that is repaired, nothing is said of any video.
  const bytes = await openAsBlob(await edited(valley, "grey"));
  const unsaid = await api.ask("POST", `/v1/checks${query({ library })}`, { bytes });
  expectProblem(unsaid, "index_unavailable", /operator/);
  const repaired = await reconcile(true);
  expect(found(repaired)).toEqual({ ...nothing, row_without_entry: 1, entry_without_row: 1 });
  expect(found(await reconcile(false))).toEqual(nothing);

  expect(await foundAs(valley)).toEqual([]);
  expect(await foundAs(spiral)).toEqual([]);
  expect(await foundAs(colours)).toEqual(["colours"]);
  expect(await foundAs(card)).toEqual(["card"]);

  // Nothing scores so high: what these checks were judged by is there to be judged again.
  const policy = { visual: { review_score: 1, copy_score: 1 } };
  const trial = await api.ask("POST", `/v1/libraries/${library}/policy/trial`, { json: { policy } });
  expect(trial.body, JSON.stringify(trial.body)).toMatchObject({ not_tried: 0, changed_count: 2 });
  expect(trial.body.verdicts).toContainEqual({ from: "duplicate", to: "unique", count: 2 });
});

test("another model is filled, switched to and left again, and checks go on", async () => {
  const { api } = services;
  const colours = await scene("colours");
  const before = (await api.ask("GET", "/v1/admin/index")).body.live;
  const made = await api.ask("POST", "/v1/admin/index/generations", {
    json: { name: "dct", model: "luma-dct" },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const go = (name: string) => api.ask("POST", "/v1/admin/index/live", { json: { name } });
  expect((await go("dct")).body).toMatchObject({ code: "generation_incomplete" });
  const filled = await run({ kind: "re_embed", generation: "dct" });
  expect(filled, JSON.stringify(filled)).toMatchObject({
    status: "completed",
    result: { embedded: 3, missing: 0 },
  });
  expect((await go("dct")).status).toBe(200);
  const under = await api.check(await edited(colours, "reencoded"), { library });
  expect(under).toMatchObject({ duplicate_for: "colours", model: { id: "luma-dct" } });
  expect((await go(before)).status).toBe(200);
  const back = await api.check(await edited(colours, "reencoded"), { library });
  expect(back.duplicate_for).toBe("colours");
  expect(back.model?.id).not.toBe("luma-dct");
  const dropped = await api.ask("DELETE", "/v1/admin/index/generations/dct", { json: { confirm: "dct" } });
  expect(dropped.status).toBe(204);
});

test("a purged tenant is in no store", async () => {
  const { api } = services;
  const job = await run({ kind: "purge_tenant", tenant: "default", confirm: "default" });
  expect(job, JSON.stringify(job)).toMatchObject({ status: "completed", result: { removed: { index: 3 } } });
  const { left } = job.result as { left: Record<string, number> };
  expect(Object.entries(left).filter(([, n]) => n > 0)).toEqual([]);
  const { generations, edge } = (await api.ask("GET", "/v1/admin/index")).body;
  expect(generations).toMatchObject([{ references: 0 }]);
  expect(edge.references).toEqual({ ready: 0, indexing: 0, disabled: 0 });
});
