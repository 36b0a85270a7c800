// Two models beside one another in a running backend: what is written reaches both, one answers, and switching
// takes no restart. And the maintenance of it, over HTTP.

import { join } from "node:path";
import {
  type AnalysisEvent,
  type AnalysisRequest,
  type AnalysisResult,
  type AnalysisTask,
  type EntryPage,
  entryPageSchema,
  foundEntriesSchema,
  type IndexEntry,
  indexOverviewSchema,
  snapshotListSchema,
} from "@twinframe/shared/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clip, madeBy, scratchFolder } from "./clips.ts";
import {
  answerOf,
  defaultModel,
  maintainedOf,
  type RunningBackend,
  startBackend,
} from "./running-backend.ts";

const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
const LIVE = "twinframe-1";
const SIMPLE = { id: "luma-dct", version: "1" };

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let backend: RunningBackend;
let original: string;
let copy: string;
/** Never indexed. */
let query: string;
let other: string;
let jobs = 0;

const start = () => startBackend(join(scratch.path, "state"));
beforeAll(async () => {
  scratch = await scratchFolder();
  [original, other] = await Promise.all([
    clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 8, sound: true }),
    clip({ picture: "life=ratio=0.3:seed=5:mold=10:life_color=#33cc66:death_color=#aa3322", durationS: 8 }),
  ]);
  copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", ...X264, "-crf", "34"]);
  query = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:160", ...X264, "-crf", "30"]);
  backend = await start();
  await indexed("original", original, {}, "job_original");
});
afterAll(async () => {
  await backend.close();
  await scratch[Symbol.asyncDispose]();
});

function resultOf(events: AnalysisEvent[]): AnalysisResult {
  const last = events.at(-1);
  if (last?.event !== "result") throw new Error(`no result: ${JSON.stringify(last)}`);
  return last.result;
}
async function run(
  file: string,
  task: AnalysisTask,
  id = `job_${jobs++}`,
  fields: Partial<AnalysisRequest> = {},
) {
  return resultOf(await backend.analyse(id, await backend.requestFor(file, { ...fields, task })));
}
const indexed = (
  id: string,
  file: string,
  fields: { generation?: string; as_job_id?: string } = {},
  job?: string,
) => run(file, { kind: "reference", reference_id: id, ...fields }, job);
const checked = (file: string, fields: Partial<AnalysisRequest> = {}) =>
  run(file, { kind: "check", index_as: null }, undefined, fields);
const json = async (method: string, path: string, body?: unknown) =>
  (await backend.send(method, path, body)).json();
const overview = async () => indexOverviewSchema.parse(await json("GET", "/internal/index"));
const switchTo = async (name: string) =>
  indexOverviewSchema.parse(await json("PUT", "/internal/index/live", { name }));
async function entries(generation: string): Promise<IndexEntry[]> {
  const all: IndexEntry[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const query = `generation=${generation}&limit=2${after ? `&after=${after}` : ""}`;
    const page: EntryPage = entryPageSchema.parse(await json("GET", `/internal/index/entries?${query}`));
    all.push(...page.entries);
    after = page.next;
  }
  return all;
}
const idsIn = async (generation: string) => (await entries(generation)).map(({ id }) => id);
const remove = (id: string) =>
  backend.send("DELETE", `/internal/tenants/acme/libraries/default/references/${id}`);

describe("generations", () => {
  it("begin with one generation, named after its model", async () => {
    const { kind, live, generations, libraries } = await overview();
    expect({ kind, live }).toEqual({ kind: "embedded", live: LIVE });
    expect(generations).toMatchObject([
      { name: LIVE, model: await defaultModel(), dims: 128, state: "live", references: 1 },
    ]);
    expect(libraries).toMatchObject([{ tenant: "acme", library: "default", references: 1 }]);
  });

  it("are created once, and only of models that exist", async () => {
    const create = (name: string, model: string) =>
      backend.send("POST", "/internal/index/generations", { name, model });
    expect((await create("next", "luma-dct")).status).toBe(201);
    expect((await create("next", "luma-dct")).status).toBe(200);
    expect(await (await create("next", "twinframe")).json()).toMatchObject({ code: "model_mismatch" });
    expect(await (await create("third", "nobodys")).json()).toMatchObject({ code: "model_not_found" });
    expect(await (await create("third", "../secrets")).json()).toMatchObject({ code: "invalid_request" });
    expect((await overview()).generations).toMatchObject([
      { name: "next", model: SIMPLE, dims: 256, state: "beside", references: 0 },
      { name: LIVE, state: "live", references: 1 },
    ]);
  });

  it("all get every write and every delete", async () => {
    await indexed("both", other, {}, "job_both");
    const here = await entries(LIVE);
    const there = await entries("next");
    const written = { tenant: "acme", library: "default", id: "both", job_id: "job_both" };
    expect(here).toMatchObject([written, { id: "original" }]);
    expect(there).toMatchObject([written]);
    expect(there[0]?.sha256).toBe(here[0]?.sha256);
    const keys = ["original", "both"].map((id) => ({ tenant: "acme", library: "default", id }));
    const body = { generation: "next", keys };
    const found = await json("POST", "/internal/index/entries/look-up", body);
    expect(foundEntriesSchema.parse(found).entries).toMatchObject([null, written]);
    await remove("both");
    expect([await idsIn(LIVE), await idsIn("next")]).toEqual([["original"], []]);
  });

  it("get the video of a check that is added, too", async () => {
    await run(other, { kind: "check", index_as: "joined" });
    expect([await idsIn(LIVE), await idsIn("next")]).toEqual([["joined", "original"], ["joined"]]);
    await remove("joined");
  });

  it("are filled reference by reference, without those replaced or deleted meanwhile", async () => {
    const into = (id: string, as_job_id: string) => indexed(id, original, { generation: "next", as_job_id });
    expect(await into("original", "job_before")).toMatchObject({ indexed_as: null, video: { frames: 0 } });
    expect(await into("deleted", "job_deleted")).toMatchObject({ indexed_as: null });
    expect(await idsIn("next")).toEqual([]);
    expect(await into("original", "job_original")).toMatchObject({ indexed_as: "original", model: SIMPLE });
    expect(await entries("next")).toMatchObject([{ id: "original", job_id: "job_original" }]);
    expect(await into("original", "job_original")).toMatchObject({ indexed_as: "original", timings_ms: {} });
  });

  it("switch without a restart, and back", async () => {
    const asked = async () => {
      const { model, matches } = await checked(query);
      return { model: model.id, found: matches.map(({ reference_id }) => reference_id) };
    };
    expect(await asked()).toEqual({ model: "twinframe", found: ["original"] });
    expect((await switchTo("next")).live).toBe("next");
    expect(await asked()).toEqual({ model: "luma-dct", found: ["original"] });
    expect(await (await fetch(`${backend.url}/readyz`)).json()).toMatchObject({ model: SIMPLE });
    expect((await backend.send("DELETE", "/internal/index/generations/next")).status).toBe(409);
    expect(await json("PUT", "/internal/index/live", { name: "absent" })).toMatchObject({
      code: "generation_not_found",
    });
    await backend.close();
    backend = await start();
    expect(await asked()).toEqual({ model: "luma-dct", found: ["original"] });
    await switchTo(LIVE);
    expect(await asked()).toEqual({ model: "twinframe", found: ["original"] });
  });

  it("that an interrupted analysis had not reached are written when it is repeated", async () => {
    const task: AnalysisTask = { kind: "check", index_as: "cut_off" };
    await backend.send("DELETE", "/internal/index/generations/next");
    expect((await run(other, task, "job_cut_off")).indexed_as).toBe("cut_off");
    await backend.send("POST", "/internal/index/generations", { name: "next", model: "luma-dct" });
    expect(await idsIn("next")).toEqual([]);
    // Started anew it has forgotten the analysis; the index has not.
    await backend.close();
    backend = await start();
    const again = await run(other, task, "job_cut_off");
    expect(again).toMatchObject({ indexed_as: "cut_off", matches: [], found_by: null });
    expect(await entries("next")).toMatchObject([{ id: "cut_off", job_id: "job_cut_off" }]);
  });
});

describe("maintenance", () => {
  it("compares generations by what each finds for the references of both", async () => {
    await indexed("copy", copy, {}, "job_copy");
    await indexed("original", original, { generation: "next", as_job_id: "job_original" });
    const request = { kind: "compare" as const, generation: LIVE, with: "next", sample: 10 };
    const compared = maintainedOf(await backend.maintain("mnt_compare", request), "compare");
    // The copy finds the original and the other way round; the third one is like nothing.
    expect(compared).toMatchObject({ compared: 3, both: 2, only_first: 0, only_second: 0, differing: [] });
    expect(compared.score_shift).not.toBe(0);
    await backend.send("DELETE", "/internal/index/generations/next");
    const events = await backend.maintain("mnt_compare_2", request);
    expect(events.at(-1)).toMatchObject({ event: "problem", problem: { code: "generation_not_found" } });
  });

  it("takes a snapshot once a job, lists it, and restores it", async () => {
    const snapshot = { kind: "snapshot" as const, snapshot: "snp_1", generation: LIVE };
    const taken = maintainedOf(await backend.maintain("mnt_snapshot", snapshot), "snapshot");
    expect(taken.snapshot).toMatchObject({ id: "snp_1", references: 3, model: await defaultModel() });
    await remove("original");
    expect((await checked(query)).matches.map(({ reference_id }) => reference_id)).toEqual(["copy"]);
    expect(maintainedOf(await backend.maintain("mnt_again", snapshot), "snapshot")).toEqual(taken);
    const { snapshots } = snapshotListSchema.parse(await json("GET", "/internal/index/snapshots"));
    expect(snapshots).toEqual([taken.snapshot]);
    const request = { ...snapshot, kind: "restore" as const };
    const restored = maintainedOf(await backend.maintain("mnt_restore", request), "restore");
    expect(restored).toEqual({ kind: "restore", snapshot: taken.snapshot, references: 3 });
    expect((await checked(query)).matches.map(({ reference_id }) => reference_id)).toEqual(
      expect.arrayContaining(["copy", "original"]),
    );
    const path = "/internal/index/snapshots/snp_1";
    expect((await backend.send("DELETE", path)).status).toBe(204);
    expect(await json("DELETE", path)).toMatchObject({ code: "snapshot_not_found" });
  });

  it("optimises with progress, attached to by its id", async () => {
    const events = await backend.maintain("mnt_optimise", { kind: "optimise" });
    expect(events[0]).toEqual({ event: "progress", stage: "index", fraction: 0 });
    const { bytes_before, bytes_after } = maintainedOf(events, "optimise");
    expect(bytes_after).toBeGreaterThan(0);
    expect(bytes_after).toBeLessThanOrEqual(bytes_before);
    const heard = await (await backend.send("GET", "/internal/maintenance/mnt_optimise")).text();
    expect(JSON.parse(heard)).toEqual(events.at(-1));
    for (const method of ["GET", "DELETE"])
      expect(await json(method, "/internal/maintenance/mnt_unknown")).toMatchObject({
        code: "job_not_found",
      });
    expect(await json("PUT", "/internal/maintenance/mnt_optimise", { kind: "all" })).toMatchObject({
      code: "invalid_request",
    });
  });

  it("deletes all of a tenant", async () => {
    await run(other, { kind: "reference", reference_id: "theirs" }, undefined, { tenant: "other" });
    await backend.send("POST", "/internal/index/generations", { name: "next", model: "luma-dct" });
    expect(await json("DELETE", "/internal/tenants/other")).toEqual({ removed: 1 });
    expect(await json("DELETE", "/internal/tenants/other")).toEqual({ removed: 0 });
    expect((await overview()).libraries.map(({ tenant }) => tenant)).toEqual(["acme"]);
  });

  it.each([
    ["entries?generation=absent", 404],
    ["entries?generation=next&limit=0", 400],
    ["entries?generation=next&after=bm90aGluZw", 400],
    ["entries?generation=next&surprise=1", 400],
    ["entries", 400],
  ])("refuses %s", async (path, status) => {
    expect((await backend.send("GET", `/internal/index/${path}`)).status).toBe(status);
  });
});

describe("a search", () => {
  it("finds no disabled reference", async () => {
    const { sha256, source } = await backend.requestFor(query);
    const search = async () => {
      const video = { kind: "video" as const, sha256, source };
      const question = { kind: "search" as const, library: "default", query: video, size: 10 };
      const { found } = answerOf(await backend.question(`q_${jobs++}`, question), "search");
      return found.map(({ reference_id }) => reference_id).filter((id) => id !== "cut_off");
    };
    expect((await search()).sort()).toEqual(["copy", "original"]);
    await backend.switchReference("copy", 1);
    expect(await search()).toEqual(["original"]);
    await backend.switchReference("original", 1);
    expect(await search()).toEqual([]);
  });
});
