// `kill -9` of the backend in the middle of its work: what was acknowledged stays, the rest can be asked again.

import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, expectProblem, query, referenceOf, referencePath } from "./api.ts";
import { edited, longClip, seeded } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { backendVideoSizes, backendVideos } from "./stored-state.ts";
import { until } from "./until.ts";

const library = "default";
const SEEDED_S = 4;
/** Every reference that a client has heard 201 for. */
const acknowledged = new Map<string, string>();
let services: OwnServices & AsyncDisposable;

beforeAll(async () => {
  services = await startOwnServices();
});
afterAll(() => services[Symbol.asyncDispose]());

const indexSize = async (): Promise<number> =>
  (await services.api.ask("GET", "/readyz")).body.index?.references ?? 0;

async function add(id: string, file: string): Promise<Answer> {
  const bytes = await openAsBlob(file);
  const answer = await services.api.ask("POST", referencePath({ id, library }), { bytes });
  if (answer.status === 201) acknowledged.set(referenceOf(answer.body).id, file);
  return answer;
}

async function expectFound(id: string, file: string): Promise<void> {
  const durationS = id === "long" ? 100 : SEEDED_S;
  const copy = await edited(file, "reencoded", durationS);
  const check = await services.api.check(copy);
  expect(check).toMatchObject({ duplicate_for: id, found_by: "content" });
}

describe.each(
  [
    {
      moment: "the first video is on its disk",
      come: () => until("a video", () => backendVideos(services.stateDir).length > 0 || undefined),
    },
    {
      moment: "the first is acknowledged",
      come: async (answers: Promise<Answer>[]) => void (await Promise.any(answers)),
    },
    {
      moment: "the index has grown twice",
      come: async () => {
        const before = acknowledged.size;
        await until("two more in the index", async () => (await indexSize()) >= before + 2 || undefined);
      },
    },
  ].map((row, round) => ({ ...row, round })),
)("killed while references are added, when $moment", ({ come, round }) => {
  test("no acknowledged reference is lost, and the others can be added again", async () => {
    const ids = [0, 1, 2, 3].map((n) => `r${round}-${n}`);
    const files = await Promise.all(ids.map((_, n) => seeded(100 + 4 * round + n, SEEDED_S)));
    const answers = ids.map((id, n) => add(id, files[n]!));
    // One that cannot have ended by then.
    if (round === 0) answers.push(add("long", await longClip("20")));
    await come(answers);
    await services.backend.kill();
    const refused = (await Promise.all(answers)).filter(({ status }) => status !== 201);
    for (const answer of refused) expectProblem(answer, "backend_unavailable", /try again/);
    if (round === 0) expect(acknowledged.has("long")).toBe(false);
    await services.backend.restart();
    expect(backendVideos(services.stateDir)).toEqual([]);
    for (const [id, file] of acknowledged) await expectFound(id, file);

    for (const [n, id] of ids.entries()) {
      if (!acknowledged.has(id)) expect((await add(id, files[n]!)).status).toBe(201);
    }
    for (const [n, id] of ids.entries()) await expectFound(id, files[n]!);
    expect(await indexSize()).toBe(acknowledged.size);
  });
});

test("killed in the middle of an accepted check: it completes once after the restart", async () => {
  const { api, backend, stateDir } = services;
  const file = await longClip("30");
  const before = await indexSize();
  const path = `/v1/checks${query({ index: "if_unique", reference_id: "joined" })}`;
  const ask = { bytes: await openAsBlob(file), headers: { prefer: "wait=0" } };
  const { status, body } = await api.ask("POST", path, ask);
  expect(status).toBe(202);
  await until("its video on the backend's disk", () => backendVideos(stateDir).length > 0 || undefined);
  await backend.kill();
  const meanwhile = await api.ask("GET", `/v1/checks/${body.id}`);
  expect(meanwhile).toMatchObject({ status: 200, body: { status: "running" } });
  await backend.restart();
  expect(await api.settled(body.id)).toMatchObject({
    status: "completed",
    verdict: "unique",
    matches: [],
    indexed_as: "joined",
  });
  expect(await indexSize()).toBe(before + 1);
  expect(await api.check(file)).toMatchObject({ duplicate_for: "joined", found_by: "exact_bytes" });
});

test("a video that kills it each time is set aside after three, and its neighbour is not", async () => {
  const { api, backend, stateDir } = services;
  const send = async (file: string) => {
    const ask = { bytes: await openAsBlob(file), headers: { prefer: "wait=0" } };
    return (await api.ask("POST", "/v1/checks", ask)).body.id as string;
  };
  const poison = await longClip("50");
  const { size } = await stat(poison);
  const id = await send(poison);
  const other = await send(await longClip("60"));
  for (let kills = 0; kills < 3; kills++) {
    await until("the video in the backend", () => backendVideoSizes(stateDir).includes(size) || undefined);
    await backend.kill();
    await backend.restart();
  }
  const check = await api.settled(id);
  expect(check).toMatchObject({ status: "failed", problem: { status: 422, code: "analysis_crashed" } });
  expect(check.problem?.detail).toMatch(/broke off 3 times at the stage "(fetch|probe|decode|embed)"/);
  expect(await api.settled(other)).toMatchObject({ status: "completed" });
  const again = await api.ask("POST", "/v1/checks", { bytes: await openAsBlob(poison) });
  expectProblem(again, "analysis_crashed", /within a day/);
});
