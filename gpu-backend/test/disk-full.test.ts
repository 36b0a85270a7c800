// The embedded index store on a disk that is full: what cannot be written is not acknowledged, what was is kept, and with
// room again it goes on without a restart. On a real file system of two megabytes, where one can be mounted.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbeddedStore } from "../src/index/embedded/embedded-store.ts";
import type { IndexStore } from "../src/index/index-store.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";

const DIMS = 64;
const MODEL = { id: "test", version: "1" };
const GENERATION = { name: "one", model: MODEL, manifest: "test-model", dims: DIMS };
const LIBRARY = "tenant/default";
const MOST = 2_000;

const place = await mkdtemp(join(tmpdir(), "twinframe-full-"));
const mount = () => spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "none", place]);
const unmount = () => spawnSync("umount", ["-l", place]);
const isPossible = mount().status === 0;
if (isPossible) unmount();
else console.warn("skipped: a small file system can be mounted by root only");

afterAll(() => rm(place, { recursive: true, force: true }));

describe.skipIf(!isPossible)("on a full disk", () => {
  let indexStore: IndexStore;
  let index: VectorIndex;
  const ballast = join(place, "ballast");
  const written: string[] = [];
  const open = async () => {
    indexStore = await openEmbeddedStore({ folder: join(place, "state"), maxBytes: 1e9 });
    await indexStore.create(GENERATION);
    index = await indexStore.open("one");
  };

  beforeEach(async () => {
    mount();
    written.length = 0;
    writeFileSync(ballast, Buffer.alloc(500_000, 1));
    await open();
  });
  afterEach(async () => {
    await indexStore.close();
    unmount();
  });

  const entry = (i: number) => entryOf(`r${i}`, trackOf(driftingVectors(i, 30, DIMS), DIMS));
  /** Until nothing more goes in; what that was refused with. */
  async function fill(): Promise<unknown> {
    for (let i = written.length; i < MOST; i++) {
      try {
        await index.upsertReference(entry(i));
      } catch (error) {
        return error;
      }
      written.push(`r${i}`);
    }
    throw new Error("it never filled");
  }
  /** Room is what nobody else takes meanwhile. */
  const takeRest = () => {
    for (const size of [100_000, 10_000, 1_000, 100, 10, 1])
      try {
        for (let i = 0; i < 30; i++) writeFileSync(join(place, `rest-${size}-${i}`), Buffer.alloc(size, 1));
      } catch {
        // Smaller ones may fit still.
      }
  };
  const makeRoom = () => {
    for (const name of readdirSync(place)) if (name !== "state") rmSync(join(place, name));
  };
  const ids = async () => (await index.listReferences(null, MOST)).map(({ id }) => id).sort();

  it("refuses a write with index_full, loses no acknowledged one, and continues once there is room", async () => {
    expect(await fill()).toMatchObject({ code: "index_full", message: expect.stringContaining("disk") });
    expect(written.length).toBeGreaterThan(50);
    const refused = `r${written.length}`;
    expect(await index.getReference(LIBRARY, refused)).toBeNull();
    expect(await ids()).toEqual(written.toSorted());
    const query = driftingVectors(7, 30, DIMS).slice(0, DIMS);
    const hits = await index.searchBatch(LIBRARY, query, 1);
    expect(hits.referenceIds).toEqual(["r7"]);
    makeRoom();
    await index.upsertReference(entry(written.length));
    written.push(refused);
    await indexStore.close();
    await open();
    expect(await ids()).toEqual(written.toSorted());
  });

  it("ends a snapshot with a problem, and leaves no part of it", async () => {
    await fill();
    await expect(indexStore.takeSnapshot("snap", "one")).rejects.toMatchObject({ code: "index_full" });
    expect(await indexStore.snapshots()).toEqual([]);
    expect(readdirSync(join(place, "state", "snapshots"))).toEqual([]);
    makeRoom();
    while (written.length > 100) await index.deleteReference(LIBRARY, written.pop() as string);
    await index.optimise();
    expect(await indexStore.takeSnapshot("snap", "one")).toMatchObject({ references: 100 });
  });

  it("fails a restore and a creation of a generation without any change", async () => {
    for (let i = 0; i < 100; i++) {
      await index.upsertReference(entry(i));
      written.push(`r${i}`);
    }
    await indexStore.takeSnapshot("snap", "one");
    await fill();
    takeRest();
    await expect(indexStore.restoreSnapshot("snap", "one")).rejects.toMatchObject({ code: "index_full" });
    await expect(indexStore.create({ ...GENERATION, name: "two" })).rejects.toMatchObject({
      code: "index_full",
    });
    expect(await ids()).toEqual(written.toSorted());
    expect((await indexStore.generations()).map(({ name }) => name)).toEqual(["one"]);
    makeRoom();
    await indexStore.restoreSnapshot("snap", "one");
    expect(await index.stats()).toMatchObject({ references: 100 });
    expect(existsSync(join(place, "state", "index.sqlite"))).toBe(false);
    expect(
      readdirSync(join(place, "state", "generations")).filter((name) => name.endsWith(".sqlite")),
    ).toHaveLength(1);
  });
});
