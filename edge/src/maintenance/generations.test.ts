// Another model beside the live one: made, filled, compared, switched to, switched back, dropped.

import { adminIndexSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { env, eventually, expectProblem, jsonOf, upstream } from "../../test/client.ts";
import { ownWorker } from "../../test/own-worker.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const { ask, add, begin, finish, run, control, index, turn } = ownWorker("generations", {
  KEEP_ORIGINALS: "true",
});
const bytes = (seed: string) => videoBytes(900, seed);
const at = "/v1/admin/index";
const make = (name: string, model = "other") => ask(`${at}/generations`, { json: { name, model } });
const drop = (name: string, confirm = name) =>
  ask(`${at}/generations/${name}`, { method: "DELETE", json: { confirm } });
const go = (name: string, allow_incomplete = false) =>
  ask(`${at}/live`, { json: { name, allow_incomplete } });
const keys = async (generation: string) => (await index()).generations[generation];

describe("the index", () => {
  it("tells its generations, and what the edge knows of references", async () => {
    await add("lib-similar", "one", bytes("one"));
    await add("lib-similar", "two", bytes("two"));
    await add("other", "three", bytes("three"));
    await ask("/v1/references/two/disable?library=lib-similar", { method: "POST" });
    const told = adminIndexSchema.parse(await jsonOf(await ask(at)));
    expect(told).toMatchObject({
      live: "main",
      generations: [{ name: "main", references: 3, state: "live", model: { id: "fake" } }],
      edge: { references: { ready: 2, indexing: 0, disabled: 1 }, truncated: false },
    });
    expect(told.edge.libraries).toEqual([
      { tenant: "default", library: "lib-similar", ready: 1, indexing: 0, disabled: 1 },
      { tenant: "default", library: "other", ready: 1, indexing: 0, disabled: 0 },
    ]);
  });

  it("says what it cannot do", async () => {
    await expectProblem(await make("next", "absent"), 404, "model_not_found");
    await expectProblem(await make("No Name"), 400, "invalid_request");
    await expectProblem(await drop("main"), 409, "generation_live");
    await expectProblem(await drop("main", "other"), 409, "confirmation_missing");
    await expectProblem(await go("none"), 404, "generation_not_found");
    await control("break", { n: "1" });
    await expectProblem(await ask(at), 503, "backend_unavailable");
  });
});

describe("a generation", () => {
  it("is made beside the live one and refused while it lacks references", async () => {
    expect((await make("next")).status).toBe(201);
    const problem = await expectProblem(await go("next"), 409, "generation_incomplete");
    expect(problem.detail).toContain("lacks 3 of 3");
    expect((await index()).live).toBe("main");
  });

  it("is filled from the kept originals, disabled ones too, with entries of the references' own jobs", async () => {
    const job = await run({ kind: "re_embed", generation: "next" });
    expect(job).toMatchObject({
      status: "completed",
      result: { references: 3, embedded: 3, missing: 0, cannot: [] },
      progress: { done: 3, total: 3 },
    });
    const seen = await index();
    expect(seen.generations.next).toEqual(seen.generations.main);
    expect(seen.asked.filter((asked) => asked.startsWith("next: "))).toHaveLength(3);
    // Deleting by the reference's own job reaches the new entry, too.
    await ask("/v1/references/three?library=other", { method: "DELETE" });
    expect(await keys("next")).not.toContain("default/other/three");
  });

  it("is not analysed into twice", async () => {
    const before = (await index()).asked.length;
    expect(await run({ kind: "re_embed", generation: "next" })).toMatchObject({ result: { embedded: 0 } });
    expect((await index()).asked).toHaveLength(before);
  });

  it("when switched to, ends every cached verdict of the former model, and back again", async () => {
    const check = async () => {
      const answer = await ask("/v1/checks?library=lib-similar", { bytes: bytes("asked") });
      return (await jsonOf(answer)).timings_ms.decode > 0;
    };
    expect(await check()).toBe(true);
    expect(await check()).toBe(false);
    const switched = adminIndexSchema.parse(await jsonOf(await go("next")));
    expect(switched.live).toBe("next");
    expect(await check()).toBe(true);
    // The fake goes on to answer with the former model, as another process may for a while: not cached.
    expect(await check()).toBe(true);
    expect((await go("main")).status).toBe(200);
    expect(await check()).toBe(true);
    expect(await check()).toBe(false);
  });

  it("that lacks something is switched to when told so, and dropped when it is not live", async () => {
    await make("empty");
    await expectProblem(await go("empty"), 409, "generation_incomplete");
    expect((await go("empty", true)).status).toBe(200);
    await expectProblem(await drop("empty"), 409, "generation_live");
    await go("main");
    expect((await drop("empty")).status).toBe(204);
    await expectProblem(await drop("empty"), 404, "generation_not_found");
    const { data } = await jsonOf(await ask("/v1/admin/audit?action=generation.&limit=3"));
    expect(data).toMatchObject([
      {
        action: "generation.drop",
        outcome: "failed",
        subject: { name: "empty", code: "generation_not_found" },
      },
      { action: "generation.drop", outcome: "begun" },
      { action: "generation.drop", outcome: "done" },
    ]);
  });
});

describe("re-embedding", () => {
  const source = (name: string) => upstream(`/known/900/${name}.mp4`);
  const lose = async (...ids: string[]) => {
    for (const id of ids) {
      const row = await env.DB.prepare("SELECT object_key FROM library_references WHERE id = ?").bind(id);
      await env.OBJECTS.delete((await row.first<string>("object_key"))!);
    }
  };

  it("fetches from the source again what was not kept, and names what cannot be had", async () => {
    const json = { url: source("again"), id: "again", library: "refetched" };
    expect((await ask("/v1/references", { json })).status).toBe(201);
    await add("refetched", "sent", bytes("sent"));
    await add("refetched-spoils", "spoilt", bytes("spoilt"));
    await lose("again", "sent");
    await control("open", { library: "refetched-spoils" });
    await make("third");
    const job = await run({ kind: "re_embed", generation: "third" });
    expect(job).toMatchObject({ status: "completed", result: { references: 5, embedded: 3, missing: 2 } });
    expect((job.result as { cannot: unknown[] }).cannot).toEqual([
      { tenant: "default", library: "refetched", id: "sent", code: "object_not_found" },
      { tenant: "default", library: "refetched-spoils", id: "spoilt", code: "unreadable_video" },
    ]);
    expect(await keys("third")).toContain("default/refetched/again");
    const problem = await expectProblem(await go("third"), 409, "generation_incomplete");
    expect(problem.detail).toContain("lacks 2 of 5");
    // Nothing of what was fetched for it is left.
    expect((await env.OBJECTS.list({ prefix: "intake/" })).objects).toEqual([]);
    await control("close", { library: "refetched-spoils" });
  });

  it("refuses another video at the source", async () => {
    const json = { url: source("moved"), id: "moved", library: "moved" };
    await ask("/v1/references", { json });
    await lose("moved");
    await env.DB.prepare("UPDATE library_references SET source = ? WHERE id = 'moved'")
      .bind(JSON.stringify({ kind: "url", url: source("another") }))
      .run();
    await make("later");
    const job = await run({ kind: "re_embed", generation: "later" });
    expect((job.result as { cannot: { id: string; code: string }[] }).cannot).toContainEqual(
      expect.objectContaining({ id: "moved", code: "sha256_mismatch" }),
    );
  });

  it("goes on where it was after broken connections, and ends as if nothing had been", async () => {
    for (let i = 0; i < 8; i++) await add("many", `m${i}`, bytes(`many ${i}`));
    await make("fourth");
    const { id } = await begin({ kind: "re_embed", generation: "fourth" });
    let breaks = 3;
    const job = await finish(id, async () => {
      if (breaks > 0) await control("break", { n: String(breaks--) });
    });
    expect(job).toMatchObject({ status: "completed", problem: null });
    const seen = await keys("fourth");
    expect(seen!.filter((key) => key.startsWith("default/many/"))).toHaveLength(8);
  });

  it("ends with its problem when the backend never comes back, and can be asked for again", async () => {
    await make("never");
    const { id } = await begin({ kind: "re_embed", generation: "never" });
    let skip = "1";
    const job = await finish(id, async () => {
      await control("break", { n: "1", skip });
      skip = "0";
    });
    expect(job).toMatchObject({ status: "failed", problem: { code: "backend_unavailable" }, result: null });
    expect(job.problem?.detail).toContain("Ask for the job again");
    expect(job.progress.stage).toBe("pass 1");
    await control("break", { n: "0" });
    expect(await run({ kind: "re_embed", generation: "never" })).toMatchObject({ status: "completed" });
  });

  it("is in the way of switching and dropping, and takes back what was deleted while it was analysed", async () => {
    const library = "late-gated";
    await control("open", { library });
    await add(library, "v", bytes("vanishing"));
    await control("close", { library });
    await make("fifth");
    const { id } = await begin({ kind: "re_embed", generation: "fifth" });
    const working = turn(id);
    await eventually(async () => {
      const { calls } = await control("look", { library });
      return calls.some((call: { id: string }) => call.id.startsWith(id));
    });
    await expectProblem(await go("fifth", true), 409, "job_in_the_way");
    await expectProblem(await drop("fifth"), 409, "job_in_the_way");
    // As a deletion that the backend hears of before it has the entry.
    await env.DB.prepare("DELETE FROM library_references WHERE id = 'v'").run();
    await control("open", { library });
    await working;
    expect(await finish(id)).toMatchObject({ status: "completed" });
    const seen = await index();
    expect(seen.asked).toContain("fifth: default/late-gated/v");
    expect(seen.generations.fifth).not.toContain("default/late-gated/v");
  });
});
