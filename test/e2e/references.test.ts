// Adding, reading and deleting references.

import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem, referenceOf, referencePath } from "./api.ts";
import { edited, SCENE_S, scene } from "./clips.ts";
import { api, fileUrl } from "./running.ts";

const library = "references";
let valley: string;
let spiral: string;
let colours: string;

beforeAll(async () => {
  [valley, spiral, colours] = await Promise.all([scene("valley"), scene("spiral"), scene("colours")]);
});

const sha256 = async (file: string) =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
const post = async (file: string, id: string) =>
  api.ask("POST", referencePath({ id, library }), { bytes: await openAsBlob(file) });

describe("a new reference", () => {
  test("is added by URL and answered with every field", async () => {
    const json = { url: fileUrl(valley), id: "by-url", library, metadata: { title: "Valley", year: 2024 } };
    const answer = await api.ask("POST", "/v1/references", { json });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/v1/references/by-url?library=${library}`);
    expect(referenceOf(answer.body)).toEqual({
      id: "by-url",
      library,
      status: "ready",
      sha256: await sha256(valley),
      duration_s: SCENE_S,
      seen_s: SCENE_S,
      frames: 2 * SCENE_S,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      metadata: { title: "Valley", year: 2024 },
    });
    const read = await api.ask("GET", answer.headers.get("location")!);
    expect(read).toMatchObject({ status: 200, body: answer.body });
  });

  test.each([
    { what: "as video/mp4", type: "video/mp4", library: "bytes-mp4" },
    { what: "as octets", type: "application/octet-stream", library: "bytes-octets" },
  ])("is added by its bytes, $what", async ({ type, library }) => {
    const ask = { bytes: await openAsBlob(spiral), type };
    const answer = await api.ask("POST", referencePath({ id: "by-bytes", library }), ask);
    expect(answer.status).toBe(201);
    expect(referenceOf(answer.body)).toMatchObject({
      id: "by-bytes",
      library,
      status: "ready",
      sha256: await sha256(spiral),
      duration_s: SCENE_S,
      metadata: {},
    });
  });

  test("is added by bytes of a length that is not told before", async () => {
    const bytes = Readable.toWeb(createReadStream(spiral)) as ReadableStream;
    const answer = await api.ask("POST", referencePath({ id: "chunked", library: "bytes-chunked" }), {
      bytes,
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ status: "ready", sha256: await sha256(spiral) });
  });

  test("gets an id and the default library when none is given", async () => {
    const answer = await api.ask("POST", "/v1/references", { bytes: await openAsBlob(spiral) });
    expect(answer.status).toBe(201);
    expect(answer.body.id).toMatch(/^ref_[0-9a-z]{26}$/);
    expect(answer.body.library).toBe("default");
    const path = `/v1/references/${answer.body.id}`;
    expect(answer.headers.get("location")).toBe(path);
    expect((await api.ask("DELETE", path)).status).toBe(204);
  });
});

describe("a reference asked for again", () => {
  test("is answered 200 and indexed once", async () => {
    const first = await post(spiral, "again");
    expect(first.status).toBe(201);
    const second = await post(spiral, "again");
    expect(second).toMatchObject({ status: 200, body: first.body });
  });

  test("with other content is refused", async () => {
    const problem = expectProblem(await post(colours, "again"), "reference_id_conflict", /delete that one/);
    expect(problem.reference_id).toBe("again");
    // The refused content is not in the library.
    expect(await api.check(colours, { library })).toMatchObject({ verdict: "unique" });
  });

  test("under another id is refused, naming the id it has", async () => {
    const answer = await post(spiral, "other-id");
    const problem = expectProblem(answer, "reference_content_conflict", /"again"/);
    expect(problem.reference_id).toBe("again");
    expectProblem(
      await api.ask("GET", `/v1/references/other-id?library=${library}`),
      "reference_not_found",
      /other-id/,
    );
  });
});

test("a match brings the reference's metadata back", async () => {
  const metadata = { owner: { name: "Ünï", ids: [1, 2] }, licensed: true };
  const file = await scene("test-card");
  await api.addReference(file, { id: "with-metadata", library: "metadata", metadata });
  for (const copy of [file, await edited(file, "reencoded")]) {
    const check = await api.check(copy, { library: "metadata" });
    expect(check.matches).toMatchObject([{ reference_id: "with-metadata", metadata }]);
  }
});

describe("a deleted reference", () => {
  const library = "deletions";
  const path = `/v1/references/gone?library=${library}`;

  test("is in no verdict from then on, and can be added again", async () => {
    const copies = [colours, await edited(colours, "remuxed"), await edited(colours, "reencoded")];
    const found = async () => {
      const checks = [];
      for (const copy of copies) checks.push(await api.check(copy, { library }));
      return checks.map(({ duplicate_for, found_by }) => [duplicate_for, found_by]);
    };
    const all = ["exact_bytes", "exact_packets", "content"].map((by) => ["gone", by]);
    await api.addReference(colours, { id: "gone", library });
    expect(await found()).toEqual(all);
    expect((await api.ask("DELETE", path)).status).toBe(204);
    expect(await found()).toEqual(copies.map(() => ["", null]));
    expectProblem(await api.ask("GET", path), "reference_not_found", /"gone"/);
    await api.addReference(colours, { id: "gone", library });
    expect(await found()).toEqual(all);
  });

  test("frees its id for another video", async () => {
    expect((await api.ask("DELETE", path)).status).toBe(204);
    await api.addReference(valley, { id: "gone", library });
    expect(await api.check(await edited(valley, "reencoded"), { library })).toMatchObject({
      duplicate_for: "gone",
    });
    expect(await api.check(await edited(colours, "reencoded"), { library })).toMatchObject({
      verdict: "unique",
    });
  });

  test("cannot be deleted twice", async () => {
    expect((await api.ask("DELETE", path)).status).toBe(204);
    expectProblem(await api.ask("DELETE", path), "reference_not_found", /"gone"/);
  });
});
