// What every index must do as an admin (IndexAdmin): counts, listings, ownership, epochs and upkeep.

import { expect, it } from "vitest";
import type { ReferenceEntry } from "../src/index/reference-record.ts";
import { entryOf, sha256Of } from "../src/testing-tracks.ts";
import { type ContractSubject, hitsOf } from "./index-under-test.ts";

const library = "tenant/default";

export function indexAdminContract(subject: ContractSubject): void {
  it("counts each library's references and frames", async () => {
    await subject.index.upsertReference(entryOf("a", subject.track(30)));
    await subject.index.upsertReference(entryOf("b", subject.track(31, 7)));
    await subject.index.upsertReference(entryOf("a", subject.track(32, 3), { library: "other/default" }));
    await subject.index.upsertReference(entryOf("gone", subject.track(33), { library: "other/gone" }));
    await subject.index.deleteReference("other/gone", "gone");
    const counts = (await subject.index.libraries()).map(({ bytes, ...rest }) => ({
      ...rest,
      hasBytes: bytes > 0,
    }));
    expect(counts).toEqual([
      { library: "other/default", references: 1, frames: 3, hasBytes: true },
      { library: "tenant/default", references: 2, frames: 27, hasBytes: true },
    ]);
  });

  it("lists every reference once, page by page, also while others are deleted", async () => {
    const given = ["tenant/default", "tenant/other"].flatMap((in_) =>
      ["a", "b", "c"].map((id, i) => entryOf(id, subject.track(40 + i, 2 + i), { library: in_ })),
    );
    for (const entry of given) await subject.index.upsertReference(entry);
    const listed = await subject.index.listReferences(null, 2);
    expect(listed).toHaveLength(2);
    // What has been listed may go without moving the rest.
    await subject.index.deleteReference(listed[0]?.library ?? "", listed[0]?.id ?? "");
    for (;;) {
      const { library: at, id } = listed.at(-1) as { library: string; id: string };
      const page = await subject.index.listReferences({ library: at, id }, 2);
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

  it("deletes all libraries of a tenant and nothing of another", async () => {
    for (const at of ["tenant/default", "tenant/other", "tenant2/default"])
      for (const id of ["a", "b"])
        await subject.index.upsertReference(entryOf(id, subject.track(50), { library: at }));
    expect(await subject.index.deleteTenant("tenant")).toBe(4);
    expect(await subject.index.deleteTenant("tenant")).toBe(0);
    expect((await subject.index.libraries()).map(({ library: at }) => at)).toEqual(["tenant2/default"]);
    expect(await subject.index.findByPackets("tenant/other", sha256Of("packets of a"))).toEqual([]);
    const hits = await subject.index.searchBatch("tenant/default", subject.track(50).vectors, 5);
    expect(hits.referenceIds).toEqual([]);
  });

  it("raises a library's epoch with each write, durably, and with no read", async () => {
    const epoch = async (of = library) => (await subject.index.standing(of)).epoch;
    expect(await subject.index.standing(library)).toEqual({ installation: null, epoch: 0, references: 0 });
    let last = 0;
    const raises = async (write: () => Promise<unknown>) => {
      await write();
      const now = await epoch();
      expect(now).toBeGreaterThan(last);
      last = now;
    };
    await raises(() => subject.index.upsertReference(entryOf("a", subject.track(63))));
    await raises(() => subject.index.upsertReference(entryOf("b", subject.track(64))));
    await raises(() => subject.index.setAvailability(library, "a", "job_a", 1));
    expect(await subject.index.standing(library)).toEqual({ installation: null, epoch: last, references: 2 });
    await raises(() => subject.index.deleteReference(library, "b"));
    await subject.index.deleteReference(library, "b");
    await subject.index.deleteReference(library, "a", "job_of_another");
    await subject.index.setAvailability(library, "a", "job_a", 1);
    await subject.index.searchBatch(library, subject.track(63).vectors, 3);
    expect(await epoch()).toBe(last);
    expect(await epoch("tenant/other")).toBe(0);
    await subject.reopen();
    expect(await subject.index.epochs()).toEqual([{ library, epoch: last }]);
    await subject.index.raiseEpochs([
      { library, epoch: last - 1 },
      { library: "tenant/other", epoch: 7 },
    ]);
    expect([await epoch(), await epoch("tenant/other")]).toEqual([last, 7]);
    await subject.index.deleteTenant("tenant");
    expect(await subject.index.epochs()).toEqual([]);
  });

  it("belongs to no installation until it is assigned to one", async () => {
    expect(await subject.index.installation()).toBeNull();
    await subject.index.assignTo("a".repeat(32));
    await subject.reopen();
    expect(await subject.index.installation()).toBe("a".repeat(32));
    expect(await subject.index.standing(library)).toMatchObject({ installation: "a".repeat(32) });
    await subject.index.assignTo(null);
    expect(await subject.index.installation()).toBeNull();
    expect(await subject.index.stats()).toMatchObject({ references: 0 });
  });

  it("keeps everything after it is optimised", async () => {
    const kept = subject.track(16);
    for (let i = 0; i < 30; i++) await subject.index.upsertReference(entryOf(`r${i}`, subject.track(20 + i)));
    await subject.index.upsertReference(entryOf("kept", kept));
    for (let i = 0; i < 30; i++) await subject.index.deleteReference(library, `r${i}`);
    await subject.index.optimise();
    expect(await subject.index.stats()).toMatchObject({ references: 1, frames: 20 });
    expect(
      hitsOf(await subject.index.searchBatch(library, subject.frameOf(kept.vectors, 19), 30), 0),
    ).toHaveLength(20);
  });
}
