// What every index must do as a writer (IndexWriter): upserts, deletes and availability of one reference, durably.

import { expect, it } from "vitest";
import { driftingVectors, entryOf, sha256Of, trackOf } from "../src/testing-tracks.ts";
import { type ContractSubject, expectKept, hitsOf } from "./index-under-test.ts";

const library = "tenant/default";

export function indexWriterContract(subject: ContractSubject): void {
  it("replaces a reference whole: a shorter one leaves no frame behind", async () => {
    const long = subject.track(4, 40);
    await subject.index.upsertReference(entryOf("a", long));
    const short = subject.track(5, 3);
    await subject.index.upsertReference(entryOf("a", short, { jobId: "job_new" }));
    expect(await subject.index.stats()).toMatchObject({ references: 1, frames: 3 });
    const hits = hitsOf(await subject.index.searchBatch(library, subject.frameOf(long.vectors, 30), 10), 0);
    expect(hits.filter(({ similarity }) => similarity > 0.999)).toEqual([]);
    expect(await subject.index.getReference(library, "a")).toMatchObject({
      jobId: "job_new",
      sampledFrames: 3,
    });
  });

  it("changes nothing when the same reference is upserted again", async () => {
    await subject.index.upsertReference(entryOf("a", subject.track(6)));
    const before = await subject.index.stats();
    await subject.index.upsertReference(entryOf("a", subject.track(6)));
    expect(await subject.index.stats()).toEqual(before);
  });

  it("deletes a reference from searches and from look-ups", async () => {
    const a = subject.track(7);
    await subject.index.upsertReference(entryOf("a", a));
    await subject.index.upsertReference(entryOf("b", subject.track(8)));
    expect(await subject.index.deleteReference(library, "a")).toBe(true);
    expect(await subject.index.deleteReference(library, "a")).toBe(false);
    const hits = hitsOf(await subject.index.searchBatch(library, subject.frameOf(a.vectors, 0), 50), 0);
    expect(new Set(hits.map(({ id }) => id))).toEqual(new Set(["b"]));
    expect(await subject.index.findByPackets(library, sha256Of("packets of a"))).toEqual([]);
    expect(await subject.index.stats()).toMatchObject({ references: 1, frames: 20 });
  });

  it("does not delete an entry that another job made", async () => {
    await subject.index.upsertReference(entryOf("a", subject.track(9), { jobId: "job_second" }));
    expect(await subject.index.deleteReference(library, "a", "job_first")).toBe(false);
    expect(await subject.index.getReference(library, "a")).not.toBeNull();
    expect(await subject.index.deleteReference(library, "a", "job_second")).toBe(true);
  });

  it("takes an entry out of searches and look-ups by packets, and out of nothing else", async () => {
    const [a, b] = [subject.track(60), subject.track(61)];
    const packetsSha256 = "e".repeat(64);
    await subject.index.upsertReference(entryOf("a", a, { packetsSha256 }));
    await subject.index.upsertReference(entryOf("b", b, { packetsSha256 }));
    const before = await subject.index.stats();
    const seen = async () => {
      const hits = await subject.index.searchBatch(library, subject.frameOf(a.vectors, 5), 40);
      const packets = await subject.index.findByPackets(library, packetsSha256);
      return [new Set(hitsOf(hits, 0).map(({ id }) => id)), new Set(packets.map(({ id }) => id))];
    };
    const both = new Set(["a", "b"]);
    await subject.index.setAvailability(library, "a", "job_a", 1);
    expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
    expect(await subject.index.getReference(library, "a")).toMatchObject({ availability: 1 });
    expect((await subject.index.descriptorsOf(library, ["a"])).size).toBe(1);
    expect(await subject.index.stats()).toMatchObject({ references: 2, frames: before.frames });
    await subject.index.setAvailability(library, "a", "job_a", 2);
    expect(await seen()).toEqual([both, both]);
    // The greatest number counts, whatever comes last; and only of the entry that it was said of.
    await subject.index.setAvailability(library, "a", "job_a", 1);
    await subject.index.setAvailability(library, "b", "job_of_another", 1);
    await subject.index.setAvailability(library, "absent", "job_absent", 1);
    expect(await seen()).toEqual([both, both]);
    await subject.index.setAvailability(library, "a", "job_a", 3);
    await subject.reopen();
    expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
    // The same entry once more stays out, another one in its place does not.
    await subject.index.upsertReference(entryOf("a", subject.track(62), { packetsSha256 }));
    expect(await seen()).toEqual([new Set(["b"]), new Set(["b"])]);
    await subject.index.upsertReference(entryOf("a", a, { packetsSha256, jobId: "job_new" }));
    expect(await seen()).toEqual([both, both]);
    await subject.index.upsertReference(entryOf("b", b, { packetsSha256, availability: 1 }));
    expect(await seen()).toEqual([new Set(["a"]), new Set(["a"])]);
  });

  it("keeps a reference without frames: blank videos match by bytes only", async () => {
    await subject.index.upsertReference(entryOf("blank", trackOf(new Float32Array(0), subject.dims)));
    expect(await subject.index.stats()).toMatchObject({ references: 1, frames: 0 });
    expect(await subject.index.findByPackets(library, sha256Of("packets of blank"))).toHaveLength(1);
  });

  it("keeps every write after it is opened again", async () => {
    const a = subject.track(14);
    await subject.index.upsertReference(entryOf("a", a));
    await subject.index.upsertReference(entryOf("gone", subject.track(15)));
    await subject.index.deleteReference(library, "gone");
    await subject.reopen();
    expect(await subject.index.stats()).toMatchObject({ references: 1, frames: 20 });
    expect(
      hitsOf(await subject.index.searchBatch(library, subject.frameOf(a.vectors, 3), 1), 0)[0],
    ).toMatchObject({
      id: "a",
      frame: 3,
    });
    expectKept((await subject.index.descriptorsOf(library, ["a"])).get("a"), a, subject.dims);
  });

  it("refuses another model, another version and other dimensions", async () => {
    await subject.index.close();
    await expect(subject.open({ id: "another", version: "1" })).rejects.toThrow(/model/);
    await expect(subject.open({ id: "test", version: "2" })).rejects.toThrow(/model/);
    await expect(subject.open({ id: "test", version: "1" }, subject.dims * 2)).rejects.toThrow(/dims/);
    subject.index = await subject.open();
    const wrong = trackOf(driftingVectors(1, 4, subject.dims + 1), subject.dims + 1);
    await expect(subject.index.upsertReference(entryOf("a", wrong))).rejects.toMatchObject({
      code: "model_mismatch",
    });
    expect(await subject.index.stats()).toMatchObject({ references: 0 });
  });
}
