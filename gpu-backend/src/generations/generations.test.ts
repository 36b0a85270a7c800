// Generations at work in one process, while they are switched, dropped and switched by another one.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { manifestFileOf } from "../descriptor/model-choice.ts";
import { openEmbeddedStore } from "../index/embedded/embedded-store.ts";
import { driftingVectors, entryOf, trackOf } from "../testing-tracks.ts";
import { DEFAULT_POLICY } from "../verdict/policy.ts";
import { Generations } from "./generations.ts";
import { Models } from "./model-of-generation.ts";

const DIMS = 256;
const LIBRARY = "tenant/default";
const config = readConfig({ TWINFRAME_SIGNING_SECRET: "s".repeat(16) });
let folder: string;
let generations: Generations;

const openStore = () => openEmbeddedStore({ folder, maxBytes: 1e9 });
async function start(): Promise<Generations> {
  return Generations.start({
    indexStore: await openStore(),
    models: await Models.open(manifestFileOf("luma-dct")),
    embedding: config,
    stages: { ...config, policy: DEFAULT_POLICY },
  });
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-generations-"));
  generations = await start();
  await generations.create({ name: "next", model: "luma-dct" });
});
afterEach(async () => {
  await generations.close();
  await rm(folder, { recursive: true });
});

const liveName = async () => {
  using held = await generations.hold();
  return held.stages.generation;
};
const entry = entryOf("a", trackOf(driftingVectors(1, 5, DIMS), DIMS));

it("ends a request on the generation that it began with, though that is dropped meanwhile", async () => {
  const held = await generations.hold();
  const { index, embedder } = held.stages;
  await index.upsertReference(entry);
  await generations.switchTo("next");
  await generations.drop("luma-dct-1");
  expect(await liveName()).toBe("next");
  expect(await index.getReference(LIBRARY, "a")).not.toBeNull();
  const { width, height } = embedder.manifest.input;
  expect(await embedder.embed(new Uint8Array(width * height * 3), 1)).toHaveLength(DIMS);
  held[Symbol.dispose]();
  const state = () =>
    index.getReference(LIBRARY, "a").then(
      () => "open",
      () => "closed",
    );
  await expect.poll(state).toBe("closed");
});

it("gives a new live generation the installation and the epochs of the former one", async () => {
  using before = await generations.hold();
  await before.stages.index.upsertReference(entry);
  await before.stages.index.deleteReference(LIBRARY, "a");
  await before.stages.index.assignTo("a".repeat(32));
  const { epoch } = await before.stages.index.standing(LIBRARY);
  await generations.switchTo("next");
  using after = await generations.hold();
  const standing = { installation: "a".repeat(32), epoch, references: 0 };
  expect(await after.stages.index.standing(LIBRARY)).toEqual(standing);
});

it("starts a generation anew that was dropped and created again", async () => {
  for (let round = 0; round < 2; round++) {
    using held = await generations.hold("next");
    expect(await held.stages.index.stats()).toMatchObject({ references: 0 });
    await held.stages.index.upsertReference(entry);
    await generations.drop("next");
    await expect(generations.hold("next")).rejects.toMatchObject({ code: "generation_not_found" });
    await generations.create({ name: "next", model: "luma-dct" });
  }
});

it("follows a switch by another process", async () => {
  expect(await liveName()).toBe("luma-dct-1");
  const other = await openStore();
  await other.switchTo("next");
  await other.close();
  expect(await liveName()).toBe("next");
  using all = await generations.allGenerations();
  expect(all.all.map(({ generation }) => generation)).toEqual(["next", "luma-dct-1"]);
  expect(generations.latest.generation).toBe("next");
});

it("refuses writes, answers and can drop a generation whose model is missing", async () => {
  await generations.indexStore.create({
    name: "lost",
    model: { id: "lost", version: "1" },
    manifest: "/nowhere/manifest.json",
    dims: 8,
  });
  expect(await liveName()).toBe("luma-dct-1");
  await expect(generations.allGenerations()).rejects.toMatchObject({
    code: "backend_unavailable",
    message: expect.stringContaining('"lost"'),
  });
  await generations.drop("lost");
  using all = await generations.allGenerations();
  expect(all.all).toHaveLength(2);
});

it("starts with the live generation's model, not with the configured one", async () => {
  await generations.close();
  const indexStore = await openStore();
  const models = await Models.open(config.modelManifest);
  generations = await Generations.start({
    indexStore,
    models,
    embedding: config,
    stages: { ...config, policy: DEFAULT_POLICY },
  });
  expect(generations.latest.embedder.manifest.id).toBe("luma-dct");
});
