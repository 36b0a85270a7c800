// A check that may index its video searches and writes within the library's mutex. Videos that race are in
// gpu-backend/test and test/e2e; their window is too narrow to fail each time the mutex is missing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clip, madeBy } from "../../test/clips.ts";
import { composeStages } from "../compose.ts";
import { readConfig } from "../config.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { StageClock } from "../work/stage-clock.ts";
import { analyse } from "./analyse.ts";
import type { Stages } from "./stages.ts";

let folder: string;
let composed: { stages: Stages; close(): Promise<void> };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twinframe-analyse-"));
  composed = await composeStages(
    readConfig({ TWINFRAME_SIGNING_SECRET: "s".repeat(16), TWINFRAME_BACKEND_STATE: folder }),
  );
});
afterAll(async () => {
  await composed.close();
  await rm(folder, { recursive: true });
});

/** The real index and mutex, each call recorded. */
function recorded(steps: string[]): { index: VectorIndex; libraryMutex: KeyedMutex } {
  const index = new Proxy(composed.stages.index, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        // Each view of the video is searched once; how many views there are does not matter here.
        const step = name === "searchBatch" || name === "descriptorsOf" ? "search" : String(name);
        if (step !== "search" || steps.at(-1) !== step) steps.push(step);
        return member.apply(target, args);
      };
    },
  });
  class RecordedMutex extends KeyedMutex {
    override runExclusive<T>(library: string, work: () => Promise<T>): Promise<T> {
      return super.runExclusive(library, async () => {
        steps.push(`locked ${library}`);
        try {
          return await work();
        } finally {
          steps.push("unlocked");
        }
      });
    }
  }
  return { index, libraryMutex: new RecordedMutex() };
}

it.each([
  [
    "searches and writes within the library's mutex when the check may index",
    "new",
    ["findByPackets", "locked t/l", "findByPackets", "search", "upsertReference", "unlocked"],
  ],
  ["takes no mutex when the check may not index", null, ["findByPackets", "search"]],
])("%s", async (_what, indexAs, expected) => {
  const steps: string[] = [];
  const { index, libraryMutex } = recorded(steps);
  const file = await clip({ picture: indexAs ? "mandelbrot" : "testsrc2", durationS: 2 });
  const video = { jobId: "job", library: "t/l", sha256: "0".repeat(64), file };
  const task = { kind: "check" as const, index_as: indexAs };
  const context = { clock: new StageClock(), libraryMutex };
  await analyse({ ...video, task }, { ...composed.stages, index }, context);
  expect(steps).toEqual(expected);
});

/** The real index as another process would share it: two first writes happen side by side, each unseen before. */
function sharedByTwo(): VectorIndex {
  const both = Promise.withResolvers<void>();
  let writes = 0;
  return new Proxy(composed.stages.index, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (name === "isShared") return true;
      if (typeof member !== "function") return member;
      return async (...args: unknown[]) => {
        if (name === "upsertReference") {
          if (++writes === 2) both.resolve();
          await both.promise;
        }
        return member.apply(target, args);
      };
    },
  });
}

it("adds one of two copies that two processes found unique at once", async () => {
  const original = await clip({ picture: "mandelbrot", durationS: 4 });
  const smaller = await madeBy("mp4", [
    "-i",
    original,
    "-vf",
    "scale=240:180",
    "-c:v",
    "libx264",
    "-crf",
    "28",
  ]);
  const index = sharedByTwo();
  const library = "t/two-owners";
  const results = await Promise.all(
    [original, smaller].map((file, i) => {
      const task = { kind: "check" as const, index_as: `twin_${i}` };
      const video = { jobId: `job_${i}`, library, sha256: String(i).repeat(64), file, task };
      const context = { clock: new StageClock(), libraryMutex: new KeyedMutex() };
      return analyse(video, { ...composed.stages, index }, context);
    }),
  );
  const joined = results.map(({ indexed_as }) => indexed_as).filter((id) => id !== null);
  expect(joined).toHaveLength(1);
  expect(results.flatMap(({ matches }) => matches.map(({ reference_id }) => reference_id))).toEqual(joined);
  const kept = ["twin_0", "twin_1"].map((id) => composed.stages.index.getReference(library, id));
  expect((await Promise.all(kept)).map((record) => record?.id).filter(Boolean)).toEqual(joined);
});
