import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { EmbeddedIndex } from "../src/index/embedded/embedded-index.ts";
import { SLICE_QUERIES } from "../src/index/embedded/search-in-slices.ts";
import { excluding } from "../src/index/excluding.ts";
import { driftingVectors, entryOf, trackOf } from "../src/testing-tracks.ts";
import { hitsOf } from "./index-under-test.ts";
import { vectorIndexContract } from "./vector-index-contract.ts";

const DIMS = 32;
const MODEL = { id: "test", version: "1" };

async function temporaryIndex() {
  const folder = await mkdtemp(join(tmpdir(), "twinframe-index-"));
  return {
    folder,
    dims: DIMS,
    open: (model = MODEL, dims = DIMS, maxBytes = 1e9) =>
      EmbeddedIndex.open({ file: join(folder, "index.sqlite"), model, dims, maxBytes }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

vectorIndexContract("the embedded index", temporaryIndex);

describe("the embedded index", () => {
  it("throws index_full when its memory is full, and keeps what it had", async () => {
    const { open, remove } = await temporaryIndex();
    const index = await open(MODEL, DIMS, 40 * (DIMS + 4));
    const track = (seed: number) => trackOf(driftingVectors(seed, 20, DIMS), DIMS);
    await index.upsertReference(entryOf("a", track(1)));
    await expect(index.upsertReference(entryOf("b", track(2)))).rejects.toMatchObject({
      code: "index_full",
      message: expect.stringContaining("Qdrant"),
    });
    expect(await index.stats()).toMatchObject({ references: 1 });
    expect(await index.getReference("tenant/default", "b")).toBeNull();
    await index.close();
    await remove();
  });

  it("finds every remaining reference after so many deletes that it compacts its memory", async () => {
    const { open, remove } = await temporaryIndex();
    const index = await open();
    const kept = trackOf(driftingVectors(1, 500, DIMS), DIMS);
    await index.upsertReference(entryOf("kept", kept));
    for (let i = 0; i < 12; i++)
      await index.upsertReference(entryOf(`r${i}`, trackOf(driftingVectors(10 + i, 1000, DIMS), DIMS)));
    for (let i = 0; i < 12; i++) await index.deleteReference("tenant/default", `r${i}`);
    const query = kept.vectors.slice(123 * DIMS, 124 * DIMS);
    const hits = hitsOf(await index.searchBatch("tenant/default", query, 600), 0);
    expect(hits[0]).toMatchObject({ id: "kept", frame: 123 });
    expect(hits).toHaveLength(500);
    await index.close();
    await remove();
  });

  it("runs other operations between the slices of a long search, and joins the slices' hits", async () => {
    const { open, remove } = await temporaryIndex();
    const index = await open();
    const track = trackOf(driftingVectors(1, 2 * SLICE_QUERIES + 9, DIMS), DIMS);
    await index.upsertReference(entryOf("a", track));
    await index.upsertReference(entryOf("b", trackOf(driftingVectors(2, 50, DIMS), DIMS)));
    const order: string[] = [];
    const long = index.searchBatch("tenant/default", track.vectors, 3).finally(() => order.push("long"));
    const short = index.searchBatch("tenant/default", track.vectors.slice(0, DIMS), 3);
    await short.finally(() => order.push("short"));
    const hits = await long;
    expect(order).toEqual(["short", "long"]);
    for (const query of [0, SLICE_QUERIES, 2 * SLICE_QUERIES + 8])
      expect(hitsOf(hits, query)[0]).toMatchObject({ id: "a", frame: query });
    expect(hits.reference.length).toBe(3 * track.startS.length);
    await index.close();
    await remove();
  });
});

describe("references that are out of the embedded index's searches", () => {
  it("take no other reference's place: five thousand copies before the one that is left", async () => {
    const { folder, open, remove } = await temporaryIndex();
    let index = await open();
    const original = driftingVectors(1, 4, DIMS);
    await index.upsertReference(entryOf("out", trackOf(original, DIMS), { availability: 1 }));
    // The least alike of all, and still the only one that may be told.
    await index.upsertReference(entryOf("left", trackOf(driftingVectors(2, 4, DIMS), DIMS)));
    await index.close();
    const db = new DatabaseSync(join(folder, "index.sqlite"));
    db.exec(`WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
      INSERT INTO reference_tracks (number, library, id, job_id, sha256, packets_sha256, duration_s, width, height,
        sampled_frames, track, availability)
      SELECT n + 10, library, id || n, job_id, sha256, packets_sha256, duration_s, width,
        height, sampled_frames, track, availability FROM numbers, reference_tracks WHERE id = 'out'`);
    db.close();
    index = await open();
    expect(await index.stats()).toMatchObject({ references: 5002, frames: 20_008 });
    const idsIn = async (query: number) => {
      const hits = await index.searchBatch("tenant/default", original, 128);
      return hitsOf(hits, query).map(({ id }) => id);
    };
    for (const query of [0, 1, 2, 3]) expect(await idsIn(query)).toEqual(Array(4).fill("left"));
    await index.setAvailability("tenant/default", "out7", "job_out", 2);
    expect(await idsIn(3)).toEqual([...Array(4).fill("out7"), ...Array(4).fill("left")]);
    await index.close();
    await remove();
  });
});

describe("references left out of the embedded index", () => {
  it("take no other reference's place, however many of them are nearer", async () => {
    const { open, remove } = await temporaryIndex();
    const index = await open();
    const original = driftingVectors(1, 40, DIMS);
    const copies = Array.from({ length: 30 }, (_, i) => `copy${i}`);
    for (const id of copies) await index.upsertReference(entryOf(id, trackOf(original, DIMS)));
    await index.upsertReference(entryOf("another", trackOf(driftingVectors(2, 40, DIMS), DIMS)));
    const queries = original.slice(0, 3 * DIMS);
    const left = excluding(index, copies.slice(1));
    const hits = await left.searchBatch("tenant/default", queries, 60);
    for (const query of [0, 1, 2]) {
      const found = hitsOf(hits, query);
      expect(found[0]).toMatchObject({ id: "copy0", frame: query, similarity: expect.closeTo(1, 3) });
      expect(found.map(({ id }) => id).filter((id) => id === "copy0")).toHaveLength(40);
      expect(found).toHaveLength(60);
      const similarities = found.map(({ similarity }) => similarity);
      expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
      expect(new Set(found.map(({ id, frame }) => `${id}/${frame}`)).size).toBe(60);
    }
    // All that is left is less than was asked for.
    const few = await excluding(index, copies).searchBatch("tenant/default", queries, 60);
    expect(hitsOf(few, 2).map(({ id }) => id)).toEqual(Array(40).fill("another"));
    await index.close();
    await remove();
  });
});
