// A backend whose index is not the one that the edge speaks of: on real files, put there as an operator might by
// mistake. It says 503 and what to do, and never that a video is unique.

import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AnalysisRequest } from "@twinframe/shared/contract";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { clip, madeBy, scratchFolder } from "./clips.ts";
import { QDRANT_URL, randomPrefix, removeCollections } from "./qdrant-space.ts";
import { INSTALLATION, type RunningBackend, startBackend } from "./running-backend.ts";

const ANOTHER = "f".repeat(32);
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let state: string;
let original: string;
let copy: string;
let backend: RunningBackend | undefined;
let jobs = 0;
/** What the edge was told by the latest write. */
let epoch: number;

const on = async (folder: string) => {
  await backend?.close();
  backend = await startBackend(folder);
  return backend;
};
beforeAll(async () => {
  scratch = await scratchFolder();
  state = join(scratch.path, "state");
  original = await clip({ picture: "mandelbrot=end_scale=0.02:end_pts=200", durationS: 6 });
  copy = await madeBy("mp4", ["-i", original, "-vf", "scale=-2:144", "-c:v", "libx264", "-crf", "34"]);
  const other = await clip({ picture: "life=ratio=0.3:seed=5:mold=10", durationS: 4 });
  await on(state);
  await indexed("other", other);
  await backend?.close();
  backend = undefined;
  cpSync(state, join(scratch.path, "older"), { recursive: true });
  await on(state);
  epoch = (await indexed("original", original)) as number;
});
afterEach(async () => {
  await backend?.close();
  backend = undefined;
});
afterAll(() => scratch[Symbol.asyncDispose]());

const expects = (fields: Partial<AnalysisRequest["index"]> = {}): AnalysisRequest["index"] => ({
  installation: INSTALLATION,
  library: { epoch, references: 2 },
  ...fields,
});
async function ask(file: string, task: AnalysisRequest["task"], index: AnalysisRequest["index"] | null) {
  const running = backend as RunningBackend;
  const request = await running.requestFor(file, { task, ...(index ? { index } : {}) });
  return (await running.analyse(`job_${jobs++}`, request)).at(-1);
}
async function indexed(id: string, file: string): Promise<number | undefined> {
  const end = await ask(file, { kind: "reference", reference_id: id }, null);
  return end?.event === "result" ? end.result.index?.epoch : undefined;
}
const checked = (index = expects()) => ask(copy, { kind: "check", index_as: null }, index);
const refused = { event: "problem", problem: { code: "index_unavailable", status: 503 } };
/** Whatever is asked of it. */
async function expectRefused(index = expects()) {
  expect(await checked(index)).toMatchObject(refused);
  expect(await ask(copy, { kind: "check", index_as: "joins" }, index)).toMatchObject(refused);
  expect(await ask(copy, { kind: "reference", reference_id: "added" }, index)).toMatchObject(refused);
  const running = backend as RunningBackend;
  const { sha256, source } = await running.requestFor(copy);
  const question = { kind: "search", library: "default", size: 5, query: { kind: "video", sha256, source } };
  const asked = await running.send("PUT", `/internal/questions/q_${jobs++}`, {
    tenant: "acme",
    question,
    index,
  });
  expect(await asked.text()).toContain('"code":"index_unavailable"');
}
const references = async () => {
  const { index } = (await (await fetch(`${(backend as RunningBackend).url}/readyz`)).json()) as {
    index: { references: number };
  };
  return index.references;
};

it("answers when the index is the expected one, also when its epoch is ahead of the edge's", async () => {
  await on(state);
  expect(epoch).toBe(2);
  for (const library of [
    { epoch, references: 2 },
    { epoch: 1, references: 1 },
    { epoch: 1, references: 3 },
  ])
    expect(await checked(expects({ library }))).toMatchObject({
      event: "result",
      result: { matches: [{ reference_id: "original" }] },
    });
});

it("refuses work on an empty state folder, and writes nothing to it", async () => {
  await on(join(scratch.path, "empty"));
  await expectRefused();
  // Neither is it taken for the index of an edge that has yet to find its own, and has references.
  await expectRefused(expects({ unclaimed: 2 }));
  expect(await references()).toBe(0);
});

it("refuses an older copy of the state folder, whatever its count of references", async () => {
  await on(join(scratch.path, "older"));
  await expectRefused();
  await expectRefused(expects({ library: { epoch, references: 1 } }));
  await expectRefused(expects({ library: { epoch: 1, references: 2 } }));
  expect(await references()).toBe(1);
});

it("refuses another installation's index, also for deletes", async () => {
  await on(state);
  await expectRefused(expects({ installation: ANOTHER, library: { epoch: 0, references: 0 } }));
  await expectRefused(expects({ installation: ANOTHER, unclaimed: 0 }));
  const running = backend as RunningBackend;
  const query = `?installation=${ANOTHER}`;
  for (const [method, path, body] of [
    ["DELETE", `/internal/tenants/acme${query}`],
    ["DELETE", `/internal/tenants/acme/libraries/default/references/original${query}`],
    [
      "POST",
      "/internal/index/changes",
      { installation: ANOTHER, tenant: "acme", library: "default", changes: [] },
    ],
  ] as const)
    expect((await running.send(method, path, body)).status).toBe(503);
  expect(await references()).toBe(2);
});

it("refuses a check that does not state what it expects of the index", async () => {
  await on(state);
  const { library: _, ...less } = expects();
  expect(await checked(less)).toMatchObject({ event: "problem", problem: { code: "invalid_request" } });
});

it("claims an index from before installations had ids when it has all references", async () => {
  const old = join(scratch.path, "old");
  cpSync(state, old, { recursive: true });
  await on(old);
  const running = backend as RunningBackend;
  const assign = async (installation: string | null, replaces: string | null) =>
    (await running.send("PUT", "/internal/index/installation", { installation, replaces })).status;
  expect(await assign(null, ANOTHER)).toBe(409);
  expect(await assign(null, INSTALLATION)).toBe(200);
  await expectRefused();
  await expectRefused(expects({ unclaimed: 3 }));
  const whole = expects({ installation: ANOTHER, unclaimed: 2, library: { epoch: 0, references: 2 } });
  expect(await checked(whole)).toMatchObject({ event: "result" });
  // From then on it is that one's.
  await expectRefused();
});

it("leaves a restored snapshot unclaimed until the edge has compared it", async () => {
  await on(state);
  const running = backend as RunningBackend;
  const live = ((await (await running.send("GET", "/internal/index")).json()) as { live: string }).live;
  const snapshot = { snapshot: "snap", generation: live };
  await running.maintain("mnt_1", { kind: "snapshot", ...snapshot });
  await running.maintain("mnt_2", { kind: "restore", ...snapshot });
  await expectRefused();
  // Work that fills it goes on.
  const fills = { kind: "reference", reference_id: "original", as_job_id: "job_again" } as const;
  expect(await ask(original, fills, { installation: INSTALLATION })).toMatchObject({ event: "result" });
});

it.skipIf(QDRANT_URL === "")("another Qdrant prefix is refused", async () => {
  const prefixes = [randomPrefix(), randomPrefix()];
  const environment = { TWINFRAME_INDEX: "qdrant", TWINFRAME_QDRANT_URL: QDRANT_URL };
  const library = { epoch: 1, references: 1 };
  try {
    for (const prefix of prefixes) {
      await backend?.close();
      const folder = join(scratch.path, "qdrant");
      backend = await startBackend(folder, { ...environment, TWINFRAME_QDRANT_PREFIX: prefix });
      if (prefix === prefixes[1]) await expectRefused(expects({ library }));
      else expect(await indexed("original", original)).toBe(1);
      if (prefix === prefixes[0])
        expect(await checked(expects({ library }))).toMatchObject({ event: "result" });
    }
  } finally {
    for (const prefix of prefixes) await removeCollections(QDRANT_URL, prefix);
  }
});

it("refuses to start a second backend on one state folder, and the first continues", async () => {
  await on(state);
  await expect(startBackend(state)).rejects.toThrow(/another backend.*TWINFRAME_BACKEND_STATE/);
  expect(await references()).toBe(2);
  await backend?.close();
  backend = undefined;
  rmSync(join(state, "videos"), { recursive: true });
  await on(state);
});
