// The embedded index store: the contract, an installation from before generations, and what a crash leaves.

import { existsSync, readdirSync, truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedIndex } from "../src/index/embedded/embedded-index.ts";
import { openEmbeddedStore } from "../src/index/embedded/embedded-store.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { indexStoreContract } from "./index-store-contract.ts";

const DIMS = 32;
const MODEL = { id: "test", version: "1" };
const ONE = { name: "one", model: MODEL, manifest: "test-model", dims: DIMS };
const LIBRARY = "tenant/default";

indexStoreContract("the embedded index store", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-index store-"));
  return {
    kind: "embedded",
    dims: DIMS,
    open: () => openEmbeddedStore({ folder, maxBytes: 1e9 }),
    damageSnapshot: async (id) => truncateSync(join(folder, "snapshots", `${id}.sqlite`), 4_000),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
});

describe("the embedded index store", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "twinframe-index store-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => openEmbeddedStore({ folder, maxBytes: 1e9 });
  const entry = (id: string, seed = 1) => entryOf(id, trackOf(driftingVectors(seed, 5, DIMS), DIMS));
  const oldIndex = () =>
    EmbeddedIndex.open({ file: join(folder, "index.sqlite"), model: MODEL, dims: DIMS, maxBytes: 1e9 });

  it("uses an index file from before generations as its first generation", async () => {
    const old = await oldIndex();
    await old.upsertReference(entry("a"));
    await old.close();
    const indexStore = await open();
    expect(await indexStore.generations()).toEqual([]);
    await indexStore.create(ONE);
    expect(await indexStore.generations()).toMatchObject([{ name: "one", isLive: true }]);
    expect(await (await indexStore.open("one")).getReference(LIBRARY, "a")).not.toBeNull();
    await indexStore.close();
    expect(readdirSync(join(folder, "generations"))).toEqual([]);
  });

  it("refuses an index file of another model", async () => {
    await (await oldIndex()).close();
    const indexStore = await open();
    await expect(indexStore.create({ ...ONE, model: { id: "other", version: "1" } })).rejects.toThrow(
      /model test@1/,
    );
    expect(await indexStore.generations()).toEqual([]);
    await indexStore.close();
  });

  it("restores once a job: later writes stay when the job is repeated", async () => {
    const indexStore = await open();
    await indexStore.create(ONE);
    const index = await indexStore.open("one");
    await index.upsertReference(entry("a"));
    await indexStore.takeSnapshot("snap", "one");
    await index.upsertReference(entry("b"));
    await indexStore.restoreSnapshot("snap", "one", { jobId: "job_1" });
    await index.upsertReference(entry("c"));
    await indexStore.restoreSnapshot("snap", "one", { jobId: "job_1" });
    const ids = async () => (await index.listReferences(null, 10)).map(({ id }) => id);
    expect(await ids()).toEqual(["a", "c"]);
    await indexStore.restoreSnapshot("snap", "one", { jobId: "job_2" });
    expect(await ids()).toEqual(["a"]);
    await indexStore.close();
  });

  it("acknowledges no write that a restore then loses, and is never empty", async () => {
    const indexStore = await open();
    await indexStore.create(ONE);
    const index = await indexStore.open("one");
    await index.upsertReference(entry("kept"));
    await indexStore.takeSnapshot("snap", "one");
    const acknowledged: string[] = [];
    const seen = new Set<boolean>();
    let restored = false;
    const writing = (async () => {
      for (let i = 0; !restored || i < 20; i++) {
        const afterRestore = restored;
        await index.upsertReference(entry(`w${i}`, i));
        if (afterRestore) acknowledged.push(`w${i}`);
        seen.add((await index.getReference(LIBRARY, "kept")) !== null);
      }
    })();
    await indexStore.restoreSnapshot("snap", "one");
    restored = true;
    await writing;
    const ids = (await index.listReferences(null, 10_000)).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["kept", ...acknowledged]));
    expect([...seen]).toEqual([true]);
    await indexStore.close();
  });

  it("leaves no file behind that no generation uses", async () => {
    let indexStore = await open();
    await indexStore.create(ONE);
    await indexStore.create({ ...ONE, name: "two" });
    for (const name of ["one", "two"]) await (await indexStore.open(name)).upsertReference(entry("a"));
    await indexStore.takeSnapshot("snap", "one");
    await indexStore.restoreSnapshot("snap", "one");
    expect(existsSync(join(folder, "index.sqlite"))).toBe(false);
    const dropped = await indexStore.open("two");
    await indexStore.drop("two");
    // Who was at work on it ends on what it began with.
    expect(await dropped.getReference(LIBRARY, "a")).not.toBeNull();
    await indexStore.close();
    indexStore = await open();
    const files = readdirSync(join(folder, "generations"));
    expect(files).toHaveLength(1);
    expect(await (await indexStore.open("one")).stats()).toMatchObject({ references: 1 });
    await indexStore.close();
  });

  it("aborts a snapshot and a restore without any change", async () => {
    const indexStore = await open();
    await indexStore.create(ONE);
    const index = await indexStore.open("one");
    await index.upsertReference(entry("a"));
    await indexStore.takeSnapshot("snap", "one");
    await index.upsertReference(entry("b"));
    const stopping = () => {
      const stop = new AbortController();
      return { signal: stop.signal, onProgress: () => stop.abort(new Error("told to stop")) };
    };
    await expect(indexStore.takeSnapshot("another", "one", stopping())).rejects.toThrow("told to stop");
    await expect(indexStore.restoreSnapshot("snap", "one", stopping())).rejects.toThrow("told to stop");
    expect((await indexStore.snapshots()).map(({ id }) => id)).toEqual(["snap"]);
    expect(readdirSync(join(folder, "snapshots")).sort()).toEqual(["snap.json", "snap.sqlite"]);
    expect(await index.stats()).toMatchObject({ references: 2 });
    await indexStore.close();
  });
});
