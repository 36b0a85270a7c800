// `kill -9` of the edge, its whole process tree, and a start on the same state folder.

import { openAsBlob } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, query, referencePath } from "./api.ts";
import { edited, longClip, scene, seeded } from "./clips.ts";
import { type OwnServices, startOwnServices } from "./own-services.ts";
import { backendVideos } from "./stored-state.ts";
import { until } from "./until.ts";

const library = "default";
let services: OwnServices & AsyncDisposable;

beforeAll(async () => {
  services = await startOwnServices();
});
afterAll(() => services[Symbol.asyncDispose]());

const post = async (path: string, file: string, headers: Record<string, string> = {}) =>
  services.api.ask("POST", path, { bytes: await openAsBlob(file), headers });

test("what was acknowledged is there after the restart, and an accepted check ends, once", async () => {
  const { api, edge } = services;
  const references = [];
  for (const name of ["valley", "spiral"] as const) {
    references.push(await api.addReference(await scene(name), { id: name, library, metadata: { name } }));
  }
  const finished = await api.check(await edited(await scene("valley"), "reencoded"));
  expect(finished.status).toBe("completed");
  const path = `/v1/checks${query({ index: "if_unique", reference_id: "accepted" })}`;
  const long = await longClip("40");
  const accepted = await post(path, long, { prefer: "wait=0" });
  expect(accepted.status).toBe(202);

  await edge.kill();
  await expect(api.ask("GET", "/livez")).rejects.toThrow();
  await edge.restart();

  for (const reference of references) {
    const read = await api.ask("GET", `/v1/references/${reference.id}`);
    expect(read).toMatchObject({ status: 200, body: reference });
  }
  expect((await api.ask("GET", `/v1/checks/${finished.id}`)).body).toEqual(finished);
  expect(await api.check(await scene("spiral"))).toMatchObject({ found_by: "exact_bytes" });
  expect(await api.check(await edited(await scene("spiral"), "reencoded"))).toMatchObject({
    duplicate_for: "spiral",
    found_by: "content",
    matches: [{ metadata: { name: "spiral" } }],
  });

  expect(await api.settled(accepted.body.id)).toMatchObject({
    status: "completed",
    verdict: "unique",
    indexed_as: "accepted",
  });
  expect(await api.check(long)).toMatchObject({ duplicate_for: "accepted", found_by: "exact_bytes" });
  const { body } = await api.ask("GET", "/readyz");
  expect(body.index.references).toBe(references.length + 1);
});

test("killed while references are added: those acknowledged are there, the others can be added again", async () => {
  const { api, edge, stateDir } = services;
  const ids = [0, 1, 2, 3].map((n) => `during-${n}`);
  const files = await Promise.all(ids.map((_, n) => seeded(200 + n)));
  const add = (n: number) => post(referencePath({ id: ids[n]!, library }), files[n]!);
  const adding = ids.map((_, n) => add(n).catch(() => null));
  await Promise.any(adding.map(async (answer) => (await answer)?.status === 201 || Promise.reject()));
  await edge.kill();
  const answers: (Answer | null)[] = await Promise.all(adding);
  await until("the backend's end with what it had", () => backendVideos(stateDir).length === 0 || undefined);
  await edge.restart();
  for (const [n, id] of ids.entries()) {
    const { status } = await api.ask("GET", `/v1/references/${id}`);
    if (answers[n]?.status === 201) expect(status).toBe(200);
    expect([200, 201]).toContain((await add(n)).status);
    const copy = await edited(files[n]!, "reencoded", 4);
    expect(await api.check(copy)).toMatchObject({ duplicate_for: id, found_by: "content" });
  }
});
