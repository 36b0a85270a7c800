// That a check which may index searches and writes under the library's lock. Videos that race are in
// gpu-backend/test and test/e2e; their window is too narrow to fail each time the lock is missing.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clip, madeBy } from "../../test/clips.ts";
import { composeStages } from "../compose.ts";
import { readConfig } from "../config.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { KeyedMutex } from "../work/keyed-mutex.ts";
import { analyse } from "./analyse.ts";
import { StageClock } from "./progress.ts";
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

/** The real index and lock, each call written down. */
function watched(steps: string[]): { index: VectorIndex; lock: KeyedMutex } {
  const index = new Proxy(composed.stages.index, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        // Each look at the video searches once; how many looks there are is no matter here.
        const step = name === "searchBatch" || name === "descriptorsOf" ? "search" : String(name);
        if (step !== "search" || steps.at(-1) !== step) steps.push(step);
        return member.apply(target, args);
      };
    },
  });
  class WatchedLock extends KeyedMutex {
    override hold<T>(library: string, work: () => Promise<T>): Promise<T> {
      return super.hold(library, async () => {
        steps.push(`locked ${library}`);
        try {
          return await work();
        } finally {
          steps.push("unlocked");
        }
      });
    }
  }
  return { index, lock: new WatchedLock() };
}

it.each([
  [
    "searches and writes under the lock when it may index",
    "new",
    ["findByPackets", "locked t/l", "findByPackets", "search", "upsertReference", "unlocked"],
  ],
  ["takes no lock when it only asks", null, ["findByPackets", "search"]],
])("%s", async (_what, indexAs, expected) => {
  const steps: string[] = [];
  const { index, lock } = watched(steps);
  const file = await clip({ picture: indexAs ? "mandelbrot" : "testsrc2", durationS: 2 });
  const video = { jobId: "job", library: "t/l", sha256: "0".repeat(64), file };
  const task = { kind: "check" as const, index_as: indexAs };
  await analyse({ ...video, task }, { ...composed.stages, index }, lock, new StageClock());
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

it("lets one of two copies join that two owners of the library found unique at once", async () => {
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
      return analyse(video, { ...composed.stages, index }, new KeyedMutex(), new StageClock());
    }),
  );
  const joined = results.map(({ indexed_as }) => indexed_as).filter((id) => id !== null);
  expect(joined).toHaveLength(1);
  expect(results.flatMap(({ matches }) => matches.map(({ reference_id }) => reference_id))).toEqual(joined);
  const kept = ["twin_0", "twin_1"].map((id) => composed.stages.index.getReference(library, id));
  expect((await Promise.all(kept)).map((record) => record?.id).filter(Boolean)).toEqual(joined);
});
