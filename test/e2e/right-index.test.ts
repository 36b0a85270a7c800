// The index under the edge is swapped, as an operator might by mistake: empty, older, another installation's. No check
// says `unique`; the log says what to do; and doing it brings everything back.

import { cpSync, openAsBlob, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Job, jobSchema } from "@twinframe/shared/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectProblem, query } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { until } from "./until.ts";

const library = "right";
let services: OwnServices & AsyncDisposable;
let state: string;
const at = (name: string) => join(services.stateDir, name);

beforeAll(async () => {
  services = await startOwnServices({ extraEdgeVars: { KEEP_ORIGINALS: "true" } });
  state = at("backend");
});
afterAll(() => services[Symbol.asyncDispose]());

/** What lies in a folder, or nothing, in place of the backend's. */
async function startOn(folder: string | null): Promise<void> {
  await services.backend.kill();
  rmSync(state, { recursive: true });
  if (folder !== null) cpSync(folder, state, { recursive: true });
  await services.backend.restart();
}
async function keepAs(name: string): Promise<void> {
  await services.backend.kill();
  cpSync(state, at(name), { recursive: true });
  await services.backend.restart();
}
/** Asked why, so that no remembered verdict is enough. */
const check = async (file: string, options: Record<string, string> = {}) =>
  services.api.ask("POST", `/v1/checks${query({ library, explain: "true", ...options })}`, {
    bytes: await openAsBlob(file),
  });
const run = async (json: object): Promise<Job> => {
  const { body } = await services.api.ask("POST", "/v1/admin/jobs", { json });
  return until(`the end of ${body.id}`, async () => {
    const job = jobSchema.parse((await services.api.ask("GET", `/v1/admin/jobs/${body.id}`)).body);
    return job.completed_at === null ? undefined : job;
  });
};

/** Of copies, of strangers, and of what would join. */
async function expectRefused(): Promise<void> {
  const { api } = services;
  for (const [file, options] of [
    [await edited(await scene("colours"), "grey"), {}],
    [await edited(await scene("valley"), "reencoded"), {}],
    [await scene("test-card"), {}],
    [await scene("test-card"), { index: "if_unique" }],
  ] as [string, Record<string, string>][]) {
    const answer = await check(file, options);
    expect(answer.status, JSON.stringify(answer.body)).toBe(503);
    expectProblem(answer, "index_unavailable", /operator/);
  }
  const bytes = await openAsBlob(await edited(await scene("valley"), "grey"));
  expect((await api.ask("POST", `/v1/search${query({ library })}`, { bytes })).status).toBe(503);
  const added = await api.ask("POST", `/v1/references${query({ library, id: "added" })}`, { bytes });
  expect(added.status).toBe(503);
  // Identical bytes are known without the index.
  expect((await check(await scene("valley"))).body).toMatchObject({ verdict: "duplicate" });
}
const expectFound = async (names: readonly string[]) => {
  for (const name of names)
    expect((await check(await edited(await scene(name as "valley"), "grey"))).body).toMatchObject({
      verdict: "duplicate",
      duplicate_for: name,
    });
};

test("an older copy of the state folder answers nothing; the right one does", async () => {
  const { api } = services;
  for (const id of ["valley", "spiral"] as const) await api.addReference(await scene(id), { id, library });
  await keepAs("older");
  await api.addReference(await scene("colours"), { id: "colours", library });
  // As many as there are in the older copy: only how often it was written tells the difference.
  await api.ask("DELETE", `/v1/references/spiral${query({ library })}`);
  await expectFound(["valley", "colours"]);

  await keepAs("right");
  await startOn(at("older"));
  await expectRefused();
  expect(readFileSync(services.backend.logFile, "utf8")).toMatch(
    /the index is older than what was acknowledged.*POST \/v1\/admin\/index\/adopt/,
  );
  await startOn(at("right"));
  await expectFound(["valley", "colours"]);
});

test("another installation's state folder answers nothing, and is not ready", async () => {
  await using others = await startOwnServices();
  await others.api.addReference(await scene("test-card"), { id: "valley", library });
  await others.stop();
  await startOn(join(others.stateDir, "backend"));
  await expectRefused();
  const { status, body } = await services.api.ask("GET", "/readyz");
  expect({ status, reasons: body.reasons }).toEqual({
    status: 503,
    reasons: [expect.stringContaining("the index is not the one of these references")],
  });
  const reconciled = await run({ kind: "reconcile", repair: true });
  expect(reconciled).toMatchObject({ status: "failed", problem: { code: "index_not_adopted" } });
  await expectRefused();
});

test("an empty state folder answers nothing, until it is rebuilt from the originals", async () => {
  await startOn(null);
  await expectRefused();
  const rebuilt = await run({ kind: "reconcile", repair: true });
  expect(rebuilt, JSON.stringify(rebuilt)).toMatchObject({ status: "completed", result: { failed: 0 } });
  await expectFound(["valley", "colours"]);
  expect((await check(await scene("test-card"))).body).toMatchObject({ verdict: "unique" });
  expect((await services.api.ask("GET", "/readyz")).status).toBe(200);
});

test("one that lacks references is adopted only by who accepts that", async () => {
  const { api } = services;
  await startOn(null);
  const adopt = (json: object) => api.ask("POST", "/v1/admin/index/adopt", { json });
  expectProblem(await adopt({ confirm: "nobody" }), "generation_incomplete", /lacks 2 of 2/);
  await expectRefused();
  expect((await adopt({ confirm: "nobody", accept_missing: true })).status).toBe(200);
  expect((await check(await edited(await scene("valley"), "grey"))).body).toMatchObject({
    verdict: "unique",
  });
  await run({ kind: "reconcile", repair: true });
  await expectFound(["valley", "colours"]);
});
