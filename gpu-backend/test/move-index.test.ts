// Moving an index between stores: the command itself, as a process. With Qdrant where QDRANT_URL names one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedStore } from "../src/index/embedded/embedded-store.ts";
import type { IndexStore } from "../src/index/index-store.ts";
import { openQdrantStore } from "../src/index/qdrant/qdrant-store.ts";
import { DEFAULT_QDRANT_SETTINGS } from "../src/index/qdrant/settings.ts";
import type { ReferenceEntry } from "../src/index/reference-record.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { listingOf } from "../src/move-index/listing.ts";
import { moveReferences } from "../src/move-index/move-references.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { randomPrefix, removeCollections, QDRANT_URL as url } from "./qdrant-space.ts";

const DIMS = 32;
const GENERATION = { name: "main", model: { id: "test", version: "1" }, manifest: "test", dims: DIMS };
const COMMAND = fileURLToPath(new URL("../src/move-index/move-index.ts", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-move-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const embedded = (name: string) => `embedded:${join(folder, name)}`;
const openEmbedded = (name: string) => openEmbeddedStore({ folder: join(folder, name), maxBytes: 1e9 });

async function command(from: string, to: string) {
  const child = spawn(process.execPath, [COMMAND, "--from", from, "--to", to], {
    env: { ...process.env, TWINFRAME_QDRANT_URL: url },
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { code, output, errors };
}

const entries = (): ReferenceEntry[] =>
  ["a/default", "a/other", "b/default"].flatMap((library, i) =>
    Array.from({ length: 12 }, (_, n) =>
      entryOf(`r${n}`, trackOf(driftingVectors(100 * i + n, n === 5 ? 0 : 4 + n, DIMS), DIMS), { library }),
    ),
  );

async function filled(indexStore: IndexStore): Promise<VectorIndex> {
  await indexStore.create(GENERATION);
  await indexStore.switchTo("main");
  const index = await indexStore.open("main");
  for (const entry of entries()) await index.upsertReference(entry);
  return index;
}

async function inStore<T>(open: Promise<IndexStore>, work: (index: VectorIndex) => Promise<T>): Promise<T> {
  const indexStore = await open;
  try {
    return await work(await indexStore.open("main"));
  } finally {
    await indexStore.close();
  }
}

describe("moving an index", () => {
  it("copies everything, continues after an interruption, and reports differences", async () => {
    const source = await openEmbedded("source");
    const index = await filled(source);
    await index.assignTo("a".repeat(32));
    await index.setAvailability("a/default", "r0", "job_r0", 1);
    const given = await listingOf(index);
    const standing = await index.standing("a/default");
    // Cut off after some references: the process that moves them dies between two of them.
    const target = await openEmbedded("target");
    await target.create(GENERATION);
    const half = await target.open("main");
    for (const entry of entries().slice(0, 15)) await half.upsertReference(entry);
    // And one that was replaced in the source since; another one was disabled.
    await half.upsertReference(
      entryOf("r1", trackOf(driftingVectors(999, 9, DIMS), DIMS), { library: "a/default", jobId: "job_old" }),
    );
    const progress = await moveReferences(await source.open("main"), half, () => undefined);
    expect(progress).toEqual({ done: 36, all: 36, written: 36 - 15 + 2 });
    expect(await listingOf(half)).toEqual(given);
    await source.close();
    await target.close();

    const same = await command(embedded("source"), embedded("target"));
    expect(same.errors).toBe("");
    expect(same).toMatchObject({
      code: 0,
      output: expect.stringContaining("0 references written; compared 36"),
    });

    // Whose it is and how often it was written went along: the edge takes it for the same index.
    await inStore(openEmbedded("target"), async (moved) => {
      const there = await moved.standing("a/default");
      expect(there).toEqual({ ...standing, epoch: there.epoch });
      expect(there.epoch).toBeGreaterThanOrEqual(standing.epoch);
    });

    await inStore(openEmbedded("target"), (index) =>
      index.upsertReference(
        entryOf("more", trackOf(driftingVectors(7, 3, DIMS), DIMS), { library: "b/default" }),
      ),
    );
    const different = await command(embedded("source"), embedded("target"));
    expect(different.code).toBe(1);
    expect(different.errors).toContain("b/default/more is only in the target");
  });

  it("refuses an unknown store and a target of another model", async () => {
    expect(await command(embedded("source"), "nowhere")).toMatchObject({
      code: 1,
      errors: expect.stringContaining('"nowhere" is no index'),
    });
    const source = await openEmbedded("source");
    const target = await openEmbedded("target");
    await filled(source);
    await target.create({ ...GENERATION, model: { id: "test", version: "2" } });
    await source.close();
    await target.close();
    const refused = await command(embedded("source"), embedded("target"));
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining("test@2") });
  });

  it.skipIf(url === "")("moves to Qdrant and back to the very same bytes", async () => {
    const prefix = randomPrefix();
    const source = await openEmbedded("source");
    const given = await listingOf(await filled(source));
    const track = async (index: VectorIndex) => (await index.descriptorsOf("a/other", ["r7"])).get("r7");
    const kept = await track(await source.open("main"));
    await source.close();
    try {
      expect(await command(embedded("source"), `qdrant:${prefix}`)).toMatchObject({ code: 0, errors: "" });
      await inStore(openQdrantStore({ ...DEFAULT_QDRANT_SETTINGS, url, prefix }), async (index) => {
        expect(await listingOf(index)).toEqual(given);
        expect(await track(index)).toEqual(kept);
      });
      expect(await command(`qdrant:${prefix}`, embedded("back"))).toMatchObject({ code: 0, errors: "" });
      await inStore(openEmbedded("back"), async (index) => {
        expect(await listingOf(index)).toEqual(given);
        expect(await track(index)).toEqual(kept);
      });
    } finally {
      await removeCollections(url, prefix);
    }
  });
});
