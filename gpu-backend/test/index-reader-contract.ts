// What every index must do as a reader (IndexReader): searches and look-ups within one library.

import { expect, it } from "vitest";
import { entryOf, sha256Of } from "../src/testing-tracks.ts";
import { type ContractSubject, expectKept, hitsOf } from "./index-under-test.ts";

const library = "tenant/default";

export function indexReaderContract(subject: ContractSubject): void {
  it("finds nothing in an empty index", async () => {
    expect(await subject.index.stats()).toMatchObject({ references: 0, frames: 0, bytes: 0 });
    const hits = await subject.index.searchBatch(library, subject.track(1, 3).vectors, 5);
    expect(hits.referenceIds).toEqual([]);
    expect(hitsOf(hits, 2)).toEqual([]);
    expect(await subject.index.getReference(library, "a")).toBeNull();
    expect((await subject.index.descriptorsOf(library, ["a"])).size).toBe(0);
  });

  it("finds the frames that it was given, nearest first", async () => {
    const a = subject.track(1);
    await subject.index.upsertReference(entryOf("a", a));
    await subject.index.upsertReference(entryOf("b", subject.track(2)));
    const queries = new Float32Array(2 * subject.dims);
    queries.set(subject.frameOf(a.vectors, 7));
    queries.set(subject.frameOf(a.vectors, 11), subject.dims);
    const hits = await subject.index.searchBatch(library, queries, 5);
    expect(hitsOf(hits, 0)[0]).toMatchObject({ id: "a", frame: 7, similarity: expect.closeTo(1, 4) });
    expect(hitsOf(hits, 1)[0]).toMatchObject({ id: "a", frame: 11 });
    const similarities = hitsOf(hits, 0).map(({ similarity }) => similarity);
    expect(similarities).toHaveLength(5);
    expect(similarities).toEqual([...similarities].sort((x, y) => y - x));
  });

  it("agrees with exhaustive search over many references", async () => {
    const tracks = Array.from({ length: 60 }, (_, i) => subject.track(100 + i, 30));
    for (const [i, t] of tracks.entries()) await subject.index.upsertReference(entryOf(`r${i}`, t));
    const query = subject
      .frameOf(subject.track(115, 30).vectors, 4)
      .map((value, i) => value + (i % 3) * 0.01);
    const kept = await subject.index.descriptorsOf(
      library,
      tracks.map((_, i) => `r${i}`),
    );
    const all = [...kept].flatMap(([id, t]) =>
      Array.from({ length: 30 }, (_, frame) => ({
        key: `${id}/${frame}`,
        similarity: subject
          .frameOf(t.vectors, frame)
          .reduce((sum, value, d) => sum + value * (query[d] as number), 0),
      })),
    );
    const best = all.sort((a, b) => b.similarity - a.similarity).slice(0, 10);
    const hits = hitsOf(await subject.index.searchBatch(library, query, 10), 0);
    expect(hits.map(({ id, frame }) => `${id}/${frame}`)).toEqual(best.map(({ key }) => key));
  });

  it("returns descriptors and times as they were given", async () => {
    const a = subject.track(3, 7);
    await subject.index.upsertReference(entryOf("a", a));
    expectKept((await subject.index.descriptorsOf(library, ["a", "unknown"])).get("a"), a, subject.dims);
  });

  it("returns the very same numbers after it is opened again", async () => {
    await subject.index.upsertReference(entryOf("a", subject.track(17)));
    const query = subject.track(18, 3).vectors;
    const found = async () => [
      await subject.index.searchBatch(library, query, 5),
      await subject.index.descriptorsOf(library, ["a"]),
    ];
    const before = await found();
    await subject.reopen();
    expect(await found()).toEqual(before);
  });

  it("searches within one library", async () => {
    const a = subject.track(10);
    await subject.index.upsertReference(entryOf("a", a));
    await subject.index.upsertReference(entryOf("a", subject.track(11), { library: "tenant/other" }));
    const elsewhere = await subject.index.searchBatch("tenant/other", subject.frameOf(a.vectors, 5), 20);
    expect(hitsOf(elsewhere, 0).every(({ similarity }) => similarity < 0.999)).toBe(true);
    expect(hitsOf(elsewhere, 0)).toHaveLength(20);
    await subject.index.deleteReference("tenant/other", "a");
    expect(await subject.index.getReference(library, "a")).not.toBeNull();
    expect(await subject.index.findByPackets("tenant/other", sha256Of("packets of a"))).toEqual([]);
  });

  it("finds references by their packets' hash", async () => {
    await subject.index.upsertReference(entryOf("a", subject.track(12), { packetsSha256: "f".repeat(64) }));
    await subject.index.upsertReference(entryOf("b", subject.track(13), { packetsSha256: "f".repeat(64) }));
    const found = await subject.index.findByPackets(library, "f".repeat(64));
    expect(found.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(found[0]).toMatchObject({ sha256: sha256Of("file of a"), durationS: 10, width: 640 });
  });
}
