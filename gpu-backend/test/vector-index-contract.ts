// What every VectorIndex must do. Each implementation's test file calls this with a way to open it.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FrameHits, FrameTrack } from "../src/index/frame-track.ts";
import type { ReferenceEntry } from "../src/index/reference-record.ts";
import type { VectorIndex } from "../src/index/vector-index.ts";
import { driftingVectors, entryOf, leastCosine, sha256Of, trackOf } from "../src/testing-tracks.ts";

export interface IndexUnderTest {
  dims: number;
  /** Opens the same index again when called again. */
  open(model?: { id: string; version: string }, dims?: number): Promise<VectorIndex>;
  remove(): Promise<void>;
}

export function hitsOf(hits: FrameHits, query: number): { id: string; frame: number; similarity: number }[] {
  const found = [];
  for (let at = query * hits.perQuery; at < (query + 1) * hits.perQuery; at++) {
    const reference = hits.reference[at] as number;
    if (reference < 0) continue;
    const similarity = hits.similarity[at] as number;
    found.push({ id: hits.referenceIds[reference] as string, frame: hits.frame[at] as number, similarity });
  }
  return found;
}

/** Times to the number; vectors up to what an index that keeps a byte a dimension may lose. */
function expectKept(kept: FrameTrack | undefined, given: FrameTrack, dims: number): void {
  expect({ ...kept, vectors: null }).toEqual({ ...given, vectors: null });
  expect(leastCosine(kept?.vectors ?? new Float32Array(0), given.vectors, dims)).toBeGreaterThan(0.9999);
}

export function vectorIndexContract(name: string, make: () => Promise<IndexUnderTest>): void {
  describe(`${name} as a vector index`, () => {
    let under: IndexUnderTest;
    let index: VectorIndex;
    const library = "tenant/default";
    const track = (seed: number, frames = 20) =>
      trackOf(driftingVectors(seed, frames, under.dims), under.dims);
    const frameOf = (vectors: Float32Array, frame: number) =>
      vectors.slice(frame * under.dims, (frame + 1) * under.dims);

    beforeEach(async () => {
      under = await make();
      index = await under.open();
    });
    afterEach(async () => {
      await index.close();
      await under.remove();
    });

    it("is empty at first and finds nothing", async () => {
      expect(await index.stats()).toMatchObject({ references: 0, frames: 0, bytes: 0 });
      const hits = await index.searchBatch(library, track(1, 3).vectors, 5);
      expect(hits.referenceIds).toEqual([]);
      expect(hitsOf(hits, 2)).toEqual([]);
      expect(await index.getReference(library, "a")).toBeNull();
      expect((await index.descriptorsOf(library, ["a"])).size).toBe(0);
    });

    it("finds the frames that it was given, nearest first", async () => {
      const a = track(1);
      await index.upsertReference(entryOf("a", a));
      await index.upsertReference(entryOf("b", track(2)));
      const queries = new Float32Array(2 * under.dims);
      queries.set(frameOf(a.vectors, 7));
      queries.set(frameOf(a.vectors, 11), under.dims);
      const hits = await index.searchBatch(library, queries, 5);
      expect(hitsOf(hits, 0)[0]).toMatchObject({ id: "a", frame: 7, similarity: expect.closeTo(1, 4) });
      expect(hitsOf(hits, 1)[0]).toMatchObject({ id: "a", frame: 11 });
      const similarities = hitsOf(hits, 0).map(({ similarity }) => similarity);
      expect(similarities).toHaveLength(5);
      expect(similarities).toEqual([...similarities].sort((x, y) => y - x));
    });

    it("agrees with exhaustive search over many references", async () => {
      const tracks = Array.from({ length: 60 }, (_, i) => track(100 + i, 30));
      for (const [i, t] of tracks.entries()) await index.upsertReference(entryOf(`r${i}`, t));
      const query = frameOf(track(115, 30).vectors, 4).map((value, i) => value + (i % 3) * 0.01);
      const kept = await index.descriptorsOf(
        library,
        tracks.map((_, i) => `r${i}`),
      );
      const all = [...kept].flatMap(([id, t]) =>
        Array.from({ length: 30 }, (_, frame) => ({
          key: `${id}/${frame}`,
          similarity: frameOf(t.vectors, frame).reduce(
            (sum, value, d) => sum + value * (query[d] as number),
            0,
          ),
        })),
      );
      const best = all.sort((a, b) => b.similarity - a.similarity).slice(0, 10);
      const hits = hitsOf(await index.searchBatch(library, query, 10), 0);
      expect(hits.map(({ id, frame }) => `${id}/${frame}`)).toEqual(best.map(({ key }) => key));
    });

    it("gives descriptors and times back as they were", async () => {
      const a = track(3, 7);
      await index.upsertReference(entryOf("a", a));
      expectKept((await index.descriptorsOf(library, ["a", "unknown"])).get("a"), a, under.dims);
    });

    it("searches and gives back the very same numbers after it is opened again", async () => {
      await index.upsertReference(entryOf("a", track(17)));
      const query = track(18, 3).vectors;
      const found = async () => [
        await index.searchBatch(library, query, 5),
        await index.descriptorsOf(library, ["a"]),
      ];
      const before = await found();
      await index.close();
      index = await under.open();
      expect(await found()).toEqual(before);
    });

    it("replaces a reference whole: a shorter one leaves no frame behind", async () => {
      const long = track(4, 40);
      await index.upsertReference(entryOf("a", long));
      const short = track(5, 3);
      await index.upsertReference(entryOf("a", short, { jobId: "job_new" }));
      expect(await index.stats()).toMatchObject({ references: 1, frames: 3 });
      const hits = hitsOf(await index.searchBatch(library, frameOf(long.vectors, 30), 10), 0);
      expect(hits.filter(({ similarity }) => similarity > 0.999)).toEqual([]);
      expect(await index.getReference(library, "a")).toMatchObject({ jobId: "job_new", sampledFrames: 3 });
    });

    it("does nothing twice when the same reference comes again", async () => {
      await index.upsertReference(entryOf("a", track(6)));
      const before = await index.stats();
      await index.upsertReference(entryOf("a", track(6)));
      expect(await index.stats()).toEqual(before);
    });

    it("deletes a reference, from searches and from lookups", async () => {
      const a = track(7);
      await index.upsertReference(entryOf("a", a));
      await index.upsertReference(entryOf("b", track(8)));
      expect(await index.deleteReference(library, "a")).toBe(true);
      expect(await index.deleteReference(library, "a")).toBe(false);
      const hits = hitsOf(await index.searchBatch(library, frameOf(a.vectors, 0), 50), 0);
      expect(new Set(hits.map(({ id }) => id))).toEqual(new Set(["b"]));
      expect(await index.findByPackets(library, sha256Of("packets of a"))).toEqual([]);
      expect(await index.stats()).toMatchObject({ references: 1, frames: 20 });
    });

    it("spares an entry that another job made", async () => {
      await index.upsertReference(entryOf("a", track(9), { jobId: "job_second" }));
      expect(await index.deleteReference(library, "a", "job_first")).toBe(false);
      expect(await index.getReference(library, "a")).not.toBeNull();
      expect(await index.deleteReference(library, "a", "job_second")).toBe(true);
    });

    it("keeps libraries apart", async () => {
      const a = track(10);
      await index.upsertReference(entryOf("a", a));
      await index.upsertReference(entryOf("a", track(11), { library: "tenant/other" }));
      const elsewhere = await index.searchBatch("tenant/other", frameOf(a.vectors, 5), 20);
      expect(hitsOf(elsewhere, 0).every(({ similarity }) => similarity < 0.999)).toBe(true);
      expect(hitsOf(elsewhere, 0)).toHaveLength(20);
      await index.deleteReference("tenant/other", "a");
      expect(await index.getReference(library, "a")).not.toBeNull();
      expect(await index.findByPackets("tenant/other", sha256Of("packets of a"))).toEqual([]);
    });

    it("counts each library by itself", async () => {
      await index.upsertReference(entryOf("a", track(30)));
      await index.upsertReference(entryOf("b", track(31, 7)));
      await index.upsertReference(entryOf("a", track(32, 3), { library: "other/default" }));
      await index.upsertReference(entryOf("gone", track(33), { library: "other/gone" }));
      await index.deleteReference("other/gone", "gone");
      const counts = (await index.libraries()).map(({ bytes, ...rest }) => ({
        ...rest,
        hasBytes: bytes > 0,
      }));
      expect(counts).toEqual([
        { library: "other/default", references: 1, frames: 3, hasBytes: true },
        { library: "tenant/default", references: 2, frames: 27, hasBytes: true },
      ]);
    });

    it("lists every reference once, page by page, also while others go", async () => {
      const given = ["tenant/default", "tenant/other"].flatMap((in_) =>
        ["a", "b", "c"].map((id, i) => entryOf(id, track(40 + i, 2 + i), { library: in_ })),
      );
      for (const entry of given) await index.upsertReference(entry);
      const listed = await index.listReferences(null, 2);
      expect(listed).toHaveLength(2);
      // What has been listed may go without moving the rest.
      await index.deleteReference(listed[0]?.library ?? "", listed[0]?.id ?? "");
      for (;;) {
        const { library: at, id } = listed.at(-1) as { library: string; id: string };
        const page = await index.listReferences({ library: at, id }, 2);
        if (page.length === 0) break;
        listed.push(...page);
      }
      const key = ({ library: at, id }: { library: string; id: string }) => `${at}/${id}`;
      expect(listed.map(key).sort()).toEqual(given.map(key).sort());
      const { track: content, ...record } = given[4] as ReferenceEntry;
      expect(listed.find((one) => key(one) === key(record))).toEqual({
        ...record,
        frames: content.startS.length,
      });
    });

    it("deletes a tenant whole and nothing of another", async () => {
      for (const at of ["tenant/default", "tenant/other", "tenant2/default"])
        for (const id of ["a", "b"]) await index.upsertReference(entryOf(id, track(50), { library: at }));
      expect(await index.deleteTenant("tenant")).toBe(4);
      expect(await index.deleteTenant("tenant")).toBe(0);
      expect((await index.libraries()).map(({ library: at }) => at)).toEqual(["tenant2/default"]);
      expect(await index.findByPackets("tenant/other", sha256Of("packets of a"))).toEqual([]);
      const hits = await index.searchBatch("tenant/default", track(50).vectors, 5);
      expect(hits.referenceIds).toEqual([]);
    });

    it("finds references by their packets", async () => {
      await index.upsertReference(entryOf("a", track(12), { packetsSha256: "f".repeat(64) }));
      await index.upsertReference(entryOf("b", track(13), { packetsSha256: "f".repeat(64) }));
      const found = await index.findByPackets(library, "f".repeat(64));
      expect(found.map(({ id }) => id)).toEqual(["a", "b"]);
      expect(found[0]).toMatchObject({ sha256: sha256Of("file of a"), durationS: 10, width: 640 });
    });

    it("leaves what is out of searches out of all that a check asks, and nothing else", async () => {
      const [a, b] = [track(60), track(61)];
      const packetsSha256 = "e".repeat(64);
      await index.upsertReference(entryOf("a", a, { packetsSha256 }));
      await index.upsertReference(entryOf("b", b, { packetsSha256 }));
      const before = await index.stats();
      const seen = async () => {
        const hits = await index.searchBatch(library, frameOf(a.vectors, 5), 40);
        const packets = await index.findByPackets(library, packetsSha256);
        return [new Set(hitsOf(hits, 0).map(({ id }) => id)), new Set(packets.map(({ id }) => id))];
      };
      const both = new Set(["a", "b"]);
      await index.setAvailability(library, "a", "job_a", 1);
      expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
      expect(await index.getReference(library, "a")).toMatchObject({ availability: 1 });
      expect((await index.descriptorsOf(library, ["a"])).size).toBe(1);
      expect(await index.stats()).toMatchObject({ references: 2, frames: before.frames });
      await index.setAvailability(library, "a", "job_a", 2);
      expect(await seen()).toEqual([both, both]);
      // The greatest number counts, whatever comes last; and only of the entry that it was said of.
      await index.setAvailability(library, "a", "job_a", 1);
      await index.setAvailability(library, "b", "job_of_another", 1);
      await index.setAvailability(library, "absent", "job_absent", 1);
      expect(await seen()).toEqual([both, both]);
      await index.setAvailability(library, "a", "job_a", 3);
      await index.close();
      index = await under.open();
      expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
      // The same entry once more stays out, another one in its place does not.
      await index.upsertReference(entryOf("a", track(62), { packetsSha256 }));
      expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
      await index.upsertReference(entryOf("a", a, { packetsSha256, jobId: "job_new" }));
      expect(await seen()).toEqual([both, both]);
      await index.upsertReference(entryOf("b", b, { packetsSha256, availability: 1 }));
      expect(await seen()).toEqual([new Set(["a"]), new Set(["a"])]);
    });

    it("counts the writes of each library, durably, and what only asks is no write", async () => {
      const epoch = async (of = library) => (await index.standing(of)).epoch;
      expect(await index.standing(library)).toEqual({ installation: null, epoch: 0, references: 0 });
      let last = 0;
      const raises = async (write: () => Promise<unknown>) => {
        await write();
        const now = await epoch();
        expect(now).toBeGreaterThan(last);
        last = now;
      };
      await raises(() => index.upsertReference(entryOf("a", track(63))));
      await raises(() => index.upsertReference(entryOf("b", track(64))));
      await raises(() => index.setAvailability(library, "a", "job_a", 1));
      expect(await index.standing(library)).toEqual({ installation: null, epoch: last, references: 2 });
      await raises(() => index.deleteReference(library, "b"));
      await index.deleteReference(library, "b");
      await index.deleteReference(library, "a", "job_of_another");
      await index.setAvailability(library, "a", "job_a", 1);
      await index.searchBatch(library, track(63).vectors, 3);
      expect(await epoch()).toBe(last);
      expect(await epoch("tenant/other")).toBe(0);
      await index.close();
      index = await under.open();
      expect(await index.epochs()).toEqual([{ library, epoch: last }]);
      await index.raiseEpochs([
        { library, epoch: last - 1 },
        { library: "tenant/other", epoch: 7 },
      ]);
      expect([await epoch(), await epoch("tenant/other")]).toEqual([last, 7]);
      await index.deleteTenant("tenant");
      expect(await index.epochs()).toEqual([]);
    });

    it("is nobody's until it is said whose it is", async () => {
      expect(await index.installation()).toBeNull();
      await index.assignTo("a".repeat(32));
      await index.close();
      index = await under.open();
      expect(await index.installation()).toBe("a".repeat(32));
      expect(await index.standing(library)).toMatchObject({ installation: "a".repeat(32) });
      await index.assignTo(null);
      expect(await index.installation()).toBeNull();
      expect(await index.stats()).toMatchObject({ references: 0 });
    });

    it("keeps a reference without frames: blank videos match by bytes only", async () => {
      await index.upsertReference(entryOf("blank", trackOf(new Float32Array(0), under.dims)));
      expect(await index.stats()).toMatchObject({ references: 1, frames: 0 });
      expect(await index.findByPackets(library, sha256Of("packets of blank"))).toHaveLength(1);
    });

    it("holds everything after it is opened again", async () => {
      const a = track(14);
      await index.upsertReference(entryOf("a", a));
      await index.upsertReference(entryOf("gone", track(15)));
      await index.deleteReference(library, "gone");
      await index.close();
      index = await under.open();
      expect(await index.stats()).toMatchObject({ references: 1, frames: 20 });
      expect(hitsOf(await index.searchBatch(library, frameOf(a.vectors, 3), 1), 0)[0]).toMatchObject({
        id: "a",
        frame: 3,
      });
      expectKept((await index.descriptorsOf(library, ["a"])).get("a"), a, under.dims);
    });

    it("holds everything after it is optimised", async () => {
      const kept = track(16);
      for (let i = 0; i < 30; i++) await index.upsertReference(entryOf(`r${i}`, track(20 + i)));
      await index.upsertReference(entryOf("kept", kept));
      for (let i = 0; i < 30; i++) await index.deleteReference(library, `r${i}`);
      await index.optimise();
      expect(await index.stats()).toMatchObject({ references: 1, frames: 20 });
      expect(hitsOf(await index.searchBatch(library, frameOf(kept.vectors, 19), 30), 0)).toHaveLength(20);
    });

    it("refuses another model, another version and other dimensions", async () => {
      await index.close();
      await expect(under.open({ id: "another", version: "1" })).rejects.toThrow(/model/);
      await expect(under.open({ id: "test", version: "2" })).rejects.toThrow(/model/);
      await expect(under.open({ id: "test", version: "1" }, under.dims * 2)).rejects.toThrow(/dims/);
      index = await under.open();
      const wrong = trackOf(driftingVectors(1, 4, under.dims + 1), under.dims + 1);
      await expect(index.upsertReference(entryOf("a", wrong))).rejects.toMatchObject({
        code: "model_mismatch",
      });
      expect(await index.stats()).toMatchObject({ references: 0 });
    });
  });
}
