// kill -9 in the middle of each kind of maintenance, and right after each acknowledgement. The backend is started
// again and asked again: it has what was acknowledged, and what was asked for ends as if asked once.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type MaintenanceRequest, snapshotListSchema } from "@twinframe/shared/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EmbeddedIndex } from "../src/index/embedded/embedded-index.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { scratchFolder } from "./clips.ts";
import { KillableBackend } from "./killable-backend.ts";

const MODEL = { id: "luma-dct", version: "1" };
const DIMS = 256;
const LIVE = "luma-dct-1";
const SNAPSHOT = { snapshot: "snp_1", generation: LIVE };
const REFERENCES = 300;
const FRAMES = 40;

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let state: string;
let backend: KillableBackend;
/** What the live generation must have; and, of a deletion that was cut off, what it may have. */
let held: Set<string>;
let unsure: string | null = null;

beforeAll(async () => {
  scratch = await scratchFolder();
  state = join(scratch.path, "state");
  held = new Set();
  const file = join(state, "index.sqlite");
  const index = await EmbeddedIndex.open({ file, model: MODEL, dims: DIMS, maxBytes: 1e9 });
  const track = trackOf(driftingVectors(1, FRAMES, DIMS), DIMS);
  for (let i = 0; i < REFERENCES; i++) {
    const library = i % 5 === 0 ? "leaving/default" : "acme/default";
    await index.upsertReference(entryOf(`r${i}`, track, { library }));
    held.add(`${library}/r${i}`);
  }
  await index.close();
  backend = new KillableBackend(state, { TWINFRAME_MODEL: "luma-dct" });
  await backend.start();
});
afterAll(async () => {
  await backend.kill();
  await scratch[Symbol.asyncDispose]();
});

const restart = async () => {
  await backend.kill();
  await backend.start();
};
const snapshots = async () => {
  const response = await backend.send("GET", "/internal/index/snapshots");
  return snapshotListSchema.parse(await response.json()).snapshots;
};

/** Deletes references of acme, one after the other, until the backend is gone; each answer counts. */
async function deleteUntilKilled(): Promise<void> {
  try {
    for (const key of [...held].filter((one) => one.startsWith("acme/"))) {
      unsure = key;
      const id = key.slice(key.lastIndexOf("/") + 1);
      const path = `/internal/tenants/acme/libraries/default/references/${id}`;
      if ((await backend.ask("DELETE", path)) === 200) held.delete(key);
    }
  } catch {
    // It is gone.
  }
}

/** The live generation has what was acknowledged; a deletion without an answer may have happened. */
async function expectHeld(generation = LIVE): Promise<void> {
  const content = await backend.content(generation);
  if (unsure && !content.includes(unsure)) held.delete(unsure);
  unsure = null;
  expect(content).toEqual([...held].sort());
}

/** Kills it in the middle, with deletions under way, and starts it again. */
async function cutOff(jobId: string, request: MaintenanceRequest): Promise<void> {
  await Promise.all([backend.killAtProgress(jobId, request), deleteUntilKilled()]);
  await backend.start();
}

/** Asks and kills at once, then asks for long enough to hear the answer. */
async function askKilled(method: string, path: string, body?: unknown): Promise<number> {
  const cut = backend.ask(method, path, body).catch(() => 0);
  await new Promise((soon) => setImmediate(soon));
  await restart();
  await cut;
  return backend.ask(method, path, body);
}

it("a killed creation of a generation is done when it is repeated", async () => {
  const next = { name: "next", model: "luma-dct" };
  expect([200, 201]).toContain(await askKilled("POST", "/internal/index/generations", next));
  expect((await backend.overview()).generations).toMatchObject([
    { name: LIVE, state: "live", references: REFERENCES },
    { name: "next", state: "beside", references: 0 },
  ]);
});

it("a killed snapshot leaves none or a whole one, and exactly one when it is repeated", async () => {
  const request = { kind: "snapshot" as const, ...SNAPSHOT };
  await cutOff("mnt_snapshot", request);
  await expectHeld();
  expect((await snapshots()).length).toBeLessThanOrEqual(1);
  expect(await backend.outcome("mnt_snapshot", request)).toMatchObject({ event: "result" });
  expect(await snapshots()).toMatchObject([{ id: "snp_1", references: held.size }]);
  expect(readdirSync(join(state, "snapshots")).sort()).toEqual(["snp_1.json", "snp_1.sqlite"]);
});

it("a killed restore leaves the old content or the snapshot's, and the snapshot's when it is repeated", async () => {
  const request = { kind: "restore" as const, ...SNAPSHOT };
  const inSnapshot = [...held].sort();
  await cutOff("mnt_restore", request);
  const content = await backend.content(LIVE);
  if (content.length !== inSnapshot.length) await expectHeld();
  expect(await backend.outcome("mnt_restore", request)).toMatchObject({
    result: { references: inSnapshot.length },
  });
  held = new Set(inSnapshot);
  unsure = null;
  await expectHeld();
  // What is acknowledged after a restore stays, even if its job asks once more.
  const [gone] = inSnapshot.filter((key) => key.startsWith("acme/"));
  const id = gone?.slice(gone.lastIndexOf("/") + 1);
  await backend.ask("DELETE", `/internal/tenants/acme/libraries/default/references/${id}`);
  held.delete(gone as string);
  await restart();
  await backend.outcome("mnt_restore", request);
  await expectHeld();
});

it("a killed restore into another generation, and a switch to it, are done when they are repeated", async () => {
  const request = { kind: "restore" as const, snapshot: "snp_1", generation: "next" };
  await backend.killAtProgress("mnt_beside", request);
  await backend.start();
  await backend.outcome("mnt_beside", request);
  const content = await backend.content("next");
  expect(content.length).toBe((await snapshots())[0]?.references);
  expect(await askKilled("PUT", "/internal/index/live", { name: "next" })).toBe(200);
  expect(await backend.content("next")).toEqual(content);
});

it("a killed deletion of a tenant is done in every generation, and of no other tenant", async () => {
  expect(await askKilled("DELETE", "/internal/tenants/leaving")).toBe(200);
  // The switch was acknowledged before this kill.
  expect(await backend.overview()).toMatchObject({ live: "next" });
  await backend.ask("PUT", "/internal/index/live", { name: LIVE });
  held = new Set([...held].filter((key) => !key.startsWith("leaving/")));
  await expectHeld();
  expect((await backend.content("next")).filter((key) => key.startsWith("leaving/"))).toEqual([]);
});

it("a killed optimisation brings no deleted reference back", async () => {
  await cutOff("mnt_optimise", { kind: "optimise" });
  expect(await backend.overview()).toMatchObject({ live: LIVE });
  await expectHeld();
  expect(await backend.outcome("mnt_optimise", { kind: "optimise" })).toMatchObject({ event: "result" });
  await expectHeld();
});

it("a killed drop of a generation removes its files", async () => {
  expect(await askKilled("DELETE", "/internal/index/generations/next")).toBe(204);
  await restart();
  expect((await backend.overview()).generations).toMatchObject([{ name: LIVE, references: held.size }]);
  const files = readdirSync(join(state, "generations")).filter((name) => name.endsWith(".sqlite"));
  expect(files).toHaveLength(1);
  await expectHeld();
});
