// Writes that meet other writes, deletions and new generations at the worst moment: real indexes, and the other write
// is made to happen between two steps of the first.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedIndex } from "../index/embedded/embedded-index.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { driftingVectors, entryOf, trackOf } from "../testing-tracks.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { StageClock } from "../work/stage-clock.ts";
import type { DescribedVideo } from "./describe.ts";
import type { Stages } from "./stages.ts";
import { deleteEverywhere, type NewReference, writeReference } from "./write-reference.ts";
import { findWritten, writeToGeneration } from "./write-to-generation.ts";

const DIMS = 16;
const LIBRARY = "tenant/default";
const model = { id: "test", version: "1" };
const track = trackOf(driftingVectors(1, 4, DIMS), DIMS);
const coverage = { duration_s: track.durationS, seen_s: track.durationS, gaps: [] };
const described = { track, sampledFrames: 4, coverage } as unknown as DescribedVideo;
const context = { clock: new StageClock() };

let folder: string;
let live: VectorIndex;
let beside: VectorIndex;
/** The live one first. */
let all: { generation: string; index: VectorIndex }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-write-"));
  const open = (name: string) =>
    EmbeddedIndex.open({ file: join(folder, `${name}.sqlite`), model, dims: DIMS, maxBytes: 1e9 });
  live = await open("live");
  beside = await open("beside");
});
beforeEach(async () => {
  for (const index of [live, beside]) await index.deleteReference(LIBRARY, "a");
  all = [
    { generation: "live", index: live },
    { generation: "beside", index: beside },
  ];
});
afterAll(async () => {
  await Promise.all([live.close(), beside.close()]);
  await rm(folder, { recursive: true });
});

const referenceMutex = new KeyedMutex();
const embedder = { manifest: model };
/** The stages of one of them; `index` in place of its own. */
function stagesOf(generation: string, index?: VectorIndex): Stages {
  const stages = (of: (typeof all)[number]) => ({ ...of, embedder, referenceMutex }) as unknown as Stages;
  const own = all.find((one) => one.generation === generation) as (typeof all)[number];
  return {
    ...stages({ ...own, index: index ?? own.index }),
    allGenerations: async () => ({ all: all.map(stages), [Symbol.dispose]: () => {} }),
  };
}
function reference(jobId: string): NewReference {
  const { sha256, packetsSha256 } = entryOf("a", track);
  const probed = { width: 640, height: 360 } as NewReference["probed"];
  return { record: { library: LIBRARY, id: "a", jobId, sha256, packetsSha256 }, file: "", probed };
}
/** The index, where something happens after an upsert. */
const then = (index: VectorIndex, happens: () => Promise<unknown>): VectorIndex =>
  new Proxy(index, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (name !== "upsertReference") return typeof member === "function" ? member.bind(target) : member;
      return async (entry: never) => {
        await target.upsertReference(entry);
        await happens();
      };
    },
  });
const jobIn = async (index: VectorIndex) => (await index.getReference(LIBRARY, "a"))?.jobId ?? null;
const put = (index: VectorIndex, jobId: string) => index.upsertReference(entryOf("a", track, { jobId }));

describe("a write to all generations", () => {
  it("reaches a generation that is created meanwhile", async () => {
    const late = all.pop() as (typeof all)[number];
    const stages = stagesOf(
      "live",
      then(live, async () => all.push(late)),
    );
    await writeReference(reference("job_1"), described, stages, context);
    expect([await jobIn(live), await jobIn(beside)]).toEqual(["job_1", "job_1"]);
  });

  it("copies the epoch and the availability of the live generation", async () => {
    await put(live, "job_1");
    await live.setAvailability(LIBRARY, "a", "job_1", 3);
    await writeReference(reference("job_1"), described, stagesOf("live"), context);
    const epochs = [await live.standing(LIBRARY), await beside.standing(LIBRARY)].map(({ epoch }) => epoch);
    expect(epochs[1]).toBeGreaterThanOrEqual(epochs[0] as number);
    expect(await beside.getReference(LIBRARY, "a")).toMatchObject({ availability: 3 });
  });

  it("fails when one generation cannot be written", async () => {
    const full = async () => {
      throw new Error("the disk is full");
    };
    const stages = stagesOf("beside", then(beside, full));
    await expect(writeReference(reference("job_1"), described, stages, context)).rejects.toThrow("full");
  });

  it("leaves the same entry in every generation when several write at once", async () => {
    // The first one tarries between its two writes, for longer than the others take for theirs.
    let tarries = true;
    const slow = then(live, async () => {
      const turns = tarries ? 40 : 0;
      tarries = false;
      for (let i = 0; i < turns; i++) await live.stats();
    });
    const jobs = ["job_1", "job_2", "job_3"];
    await Promise.all(
      jobs.map((job) => writeReference(reference(job), described, stagesOf("live", slow), context)),
    );
    expect(await jobIn(beside)).toBe(await jobIn(live));
  });

  it("is undone in all generations by a delete, except another job's entry", async () => {
    await put(live, "job_1");
    await put(beside, "job_1");
    const name = { library: LIBRARY, id: "a" };
    expect(await deleteEverywhere({ ...name, jobId: "job_2" }, stagesOf("live"))).toBe(false);
    expect(await deleteEverywhere({ ...name, jobId: "job_1" }, stagesOf("live"))).toBe(true);
    expect([await jobIn(live), await jobIn(beside)]).toEqual([null, null]);
  });
});

describe("a write to one generation", () => {
  const write = (meanwhile: () => Promise<unknown> = async () => {}, index?: VectorIndex) =>
    writeToGeneration(
      reference("job_1"),
      async () => {
        await meanwhile();
        return described;
      },
      stagesOf("beside", index),
      context,
    );

  it("writes the live generation's entry, with its availability", async () => {
    await put(live, "job_1");
    await live.setAvailability(LIBRARY, "a", "job_1", 1);
    expect(await write()).toBe(described);
    expect(await jobIn(beside)).toBe("job_1");
    expect(await beside.getReference(LIBRARY, "a")).toMatchObject({ availability: 1 });
    const name = { library: LIBRARY, id: "a", jobId: "job_1" };
    expect(await findWritten(name, stagesOf("beside"))).toMatchObject({ indexed_as: "a" });
  });

  it("writes nothing that the live generation does not have", async () => {
    expect(await write()).toBeNull();
    expect(await jobIn(beside)).toBeNull();
  });

  it.each([
    ["replaced everywhere", () => Promise.all([put(live, "job_2"), put(beside, "job_2")]), "job_2"],
    ["replaced in the live one so far", () => put(live, "job_2"), null],
    ["deleted everywhere", () => live.deleteReference(LIBRARY, "a"), null],
  ])("writes nothing that is %s while it is described", async (_what, meanwhile, left) => {
    await put(live, "job_1");
    expect(await write(meanwhile)).toBeNull();
    expect(await jobIn(beside)).toBe(left);
  });

  it.each([
    ["replaced by another process", () => put(live, "job_2")],
    ["deleted by another process", () => live.deleteReference(LIBRARY, "a", "job_1")],
  ])("leaves nothing that is %s while it is written", async (_what, meanwhile) => {
    await put(live, "job_1");
    expect(await write(undefined, then(beside, meanwhile))).toBeNull();
    expect(await jobIn(beside)).toBeNull();
  });

  it("removes an entry that was written but not verified before an interruption, when it is repeated", async () => {
    await put(beside, "job_1");
    const name = { library: LIBRARY, id: "a", jobId: "job_1" };
    expect(await findWritten(name, stagesOf("beside"))).toBeNull();
    expect(await write()).toBeNull();
    expect(await jobIn(beside)).toBeNull();
  });
});
