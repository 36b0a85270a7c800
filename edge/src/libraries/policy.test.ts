// How a library's policy reaches its checks.

import { checkSchema, DEFAULT_POLICY } from "@twinframe/shared/contract";
import { expect, it } from "vitest";
import { ask, backendSeen, env, eventually, jsonOf, openGate } from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const addReference = (library: string, seed: string) =>
  ask(`/v1/references?library=${library}&id=a`, { bytes: videoBytes(900, seed) });
const putPolicy = (library: string, json: unknown) =>
  ask(`/v1/libraries/${library}/policy`, { method: "PUT", json });
const check = async (library: string, seed: string, rest = "") =>
  checkSchema.parse(
    await jsonOf(await ask(`/v1/checks?library=${library}${rest}`, { bytes: videoBytes(900, seed) })),
  );
const checkCalls = async (library: string) =>
  (await backendSeen(library)).calls.filter((call) => call.id.startsWith("chk_"));
const cached = async (library: string) =>
  (await env.VERDICTS.list({ prefix: `verdicts/default/${library}/` })).keys.length;

it("without one the backend judges by its own, and the actions are the default ones", async () => {
  expect(await check("no-policy", "q")).toMatchObject({
    verdict: "unique",
    action: "allow",
    policy_version: 0,
  });
  await addReference("partial-policy", "r");
  const found = await check("partial-policy", "q");
  expect(found).toMatchObject({ verdict: "partial_copy", action: "review", policy_version: 0 });
  for (const call of await checkCalls("partial-policy")) expect(call.policy).toBeUndefined();
  const known = await check("partial-policy", "r");
  expect(known).toMatchObject({ found_by: "exact_bytes", verdict: "duplicate", action: "block" });
});

it("with one the backend gets its thresholds, the answer its action, the explanation what was used", async () => {
  const library = "similar-policy";
  await addReference(library, "r");
  const actions = { duplicate: "allow", unique: "block" };
  await putPolicy(library, { visual: { copy_score: 0.9 }, actions });
  const visual = { ...DEFAULT_POLICY.visual, copy_score: 0.9 };
  const found = await check(library, "q", "&explain=true");
  expect(found).toMatchObject({ verdict: "duplicate", action: "allow", policy_version: 1 });
  expect(found.explanation?.policy).toEqual(visual);
  expect((await checkCalls(library)).map(({ policy }) => policy)).toEqual([{ visual }]);
  expect(await jsonOf(await ask(`/v1/checks/${found.id}`))).toMatchObject({
    action: "allow",
    policy_version: 1,
  });
  // The same bytes are a duplicate whatever the thresholds; what to do about it is the policy's.
  await putPolicy(library, { visual: { review_score: 1, copy_score: 1 }, actions });
  expect(await check(library, "r")).toMatchObject({
    found_by: "exact_bytes",
    verdict: "duplicate",
    action: "allow",
    policy_version: 2,
  });
});

it.each([
  ["of a library without one", false],
  ["of a library that has one", true],
])("a change ends what is remembered: %s", async (_, hasOne) => {
  const library = hasOne ? "similar-changed" : "similar-first";
  await addReference(library, "r");
  if (hasOne) await putPolicy(library, {});
  await check(library, "q");
  await eventually(async () => (await cached(library)) === 1);
  await check(library, "q");
  expect(await checkCalls(library)).toHaveLength(1);
  await putPolicy(library, { actions: { duplicate: "review" } });
  expect(await check(library, "q")).toMatchObject({ action: "review", policy_version: hasOne ? 2 : 1 });
  expect(await checkCalls(library)).toHaveLength(2);
  await eventually(async () => (await cached(library)) === 2);
  expect(await check(library, "q")).toMatchObject({ found_by: "content", action: "review" });
  expect(await checkCalls(library)).toHaveLength(2);
});

it("a check that goes on after a change is the same request, and is not remembered", async () => {
  const library = "ghost-gated-policy";
  // A reference that only D1 knows: the gate would hold up the analysis of a real one.
  await env.DB.prepare(
    `INSERT INTO library_references
       (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
     VALUES ('default', ?, 'ghost', 'x', 'ready', 'job', '{}', '{}', '2026', '2026')`,
  )
    .bind(library)
    .run();
  await putPolicy(library, { visual: { copy_score: 0.7 } });
  const bytes = videoBytes(900, "q");
  const response = await ask(`/v1/checks?library=${library}`, { bytes, headers: { prefer: "wait=0" } });
  expect(response.status).toBe(202);
  await putPolicy(library, { visual: { copy_score: 0.99 }, actions: { duplicate: "allow" } });
  await openGate(library);
  const done = await eventually(async () => {
    const seen = await jsonOf(await ask(response.headers.get("location")!));
    return seen.status === "completed" && seen;
  });
  expect(done).toMatchObject({ verdict: "duplicate", action: "block", policy_version: 1 });
  expect(await check(library, "q")).toMatchObject({ action: "allow", policy_version: 2 });
  const scores = (await checkCalls(library)).map(({ policy }) => policy?.visual.copy_score);
  expect(scores).toEqual([0.7, 0.99]);
});
