// `index: "if_unique"`: a video that is no copy joins the library.

import { openAsBlob } from "node:fs";
import type { Check } from "@twinframe/shared/contract";
import { describe, expect, test } from "vitest";
import { checkOf, expectProblem, query } from "./api.ts";
import { edited, encodedAt, SCENE_S, scene, seeded } from "./clips.ts";
import { api, fileUrl } from "./running.ts";

const joining = (library: string, more: Record<string, string> = {}) => ({
  library,
  index: "if_unique",
  ...more,
});

/** Exactly one joined, and the other names it. */
function expectOneJoined(checks: Check[]): void {
  const joined = checks.filter((check) => check.indexed_as);
  const others = checks.filter((check) => !check.indexed_as);
  expect(joined, JSON.stringify(checks)).toHaveLength(1);
  expect(joined[0]).toMatchObject({ verdict: "unique", is_duplicate: false, matches: [] });
  for (const other of others) {
    expect(other).toMatchObject({ verdict: "duplicate", duplicate_for: joined[0]!.indexed_as });
  }
}

describe("a unique video", () => {
  const library = "joining";

  test("joins under an id of our own, with its metadata", async () => {
    const file = await scene("valley");
    const metadata = { title: "Joined" };
    const json = { url: fileUrl(file), metadata, ...joining(library) };
    const first = checkOf((await api.ask("POST", "/v1/checks", { json })).body);
    expect(first).toMatchObject({
      verdict: "unique",
      indexed_as: expect.stringMatching(/^ref_[0-9a-z]{26}$/),
    });
    const id = first.indexed_as!;
    const read = await api.ask("GET", `/v1/references/${id}?library=${library}`);
    expect(read).toMatchObject({
      status: 200,
      body: { id, library, status: "ready", duration_s: SCENE_S, frames: 2 * SCENE_S, metadata },
    });
    expect(await api.check(await edited(file, "reencoded"), { library })).toMatchObject({
      verdict: "duplicate",
      duplicate_for: id,
      found_by: "content",
      matches: [{ metadata }],
    });
    const again = { url: fileUrl(file, "another-name.mp4"), ...joining(library) };
    const second = checkOf((await api.ask("POST", "/v1/checks", { json: again })).body);
    expect(second).toMatchObject({
      verdict: "duplicate",
      duplicate_for: id,
      found_by: "exact_bytes",
      indexed_as: null,
    });
  });

  test("joins under the id that the client chose", async () => {
    const check = await api.check(await scene("spiral"), joining(library, { reference_id: "chosen" }));
    expect(check).toMatchObject({ verdict: "unique", indexed_as: "chosen" });
    expect(await api.check(await scene("spiral"), { library })).toMatchObject({ duplicate_for: "chosen" });
  });

  test("does not take the id of another video", async () => {
    const bytes = await openAsBlob(await scene("colours"));
    const path = `/v1/checks${query(joining(library, { reference_id: "chosen" }))}`;
    const problem = expectProblem(
      await api.ask("POST", path, { bytes }),
      "reference_id_conflict",
      /another id/,
    );
    expect(problem.reference_id).toBe("chosen");
    expect(await api.check(await scene("spiral"), { library })).toMatchObject({ duplicate_for: "chosen" });
  });
});

test("a copy does not join", async () => {
  const library = "joining-copies";
  const file = await scene("valley");
  await api.addReference(file, { id: "original", library });
  const check = await api.check(await edited(file, "reencoded"), joining(library, { reference_id: "copy" }));
  expect(check).toMatchObject({ verdict: "duplicate", duplicate_for: "original", indexed_as: null });
  const read = await api.ask("GET", `/v1/references/copy?library=${library}`);
  expectProblem(read, "reference_not_found", /"copy"/);
});

test("a unique video that is only asked about does not join", async () => {
  const library = "not-joining";
  const file = await scene("valley");
  for (const index of ["never", "never"]) {
    expect(await api.check(file, { library, index })).toMatchObject({ verdict: "unique", indexed_as: null });
  }
});

describe("of videos that come at once", () => {
  test("the same one joins once", async () => {
    const file = await seeded(1);
    const checks = [1, 2, 3].map((n) => api.check(file, joining("twins", { reference_id: `twin-${n}` })));
    expectOneJoined(await Promise.all(checks));
  });

  test("an original and its remuxed copy: one joins", async () => {
    const file = await scene("spiral");
    const copies = [file, await edited(file, "remuxed")];
    expectOneJoined(await Promise.all(copies.map((copy) => api.check(copy, joining("remuxed-twins")))));
  });

  test("an original and its re-encoded copy: one joins", async () => {
    const file = await scene("valley");
    const copies = [file, await edited(file, "reencoded")];
    expectOneJoined(await Promise.all(copies.map((copy) => api.check(copy, joining("near-twins")))));
  });

  test.each([1, 2, 3])("encodings of one video that take equally long: one joins, round %i", async (n) => {
    const encodings = await Promise.all([24, 25, 26, 27].map((crf) => encodedAt(crf)));
    const library = `encodings-${n}`;
    expectOneJoined(await Promise.all(encodings.map((file) => api.check(file, joining(library)))));
  });

  test("different ones all join", async () => {
    const files = await Promise.all([scene("valley"), scene("spiral"), scene("test-card")]);
    const checks = await Promise.all(files.map((file) => api.check(file, joining("strangers"))));
    expect(checks.map(({ verdict }) => verdict)).toEqual(["unique", "unique", "unique"]);
    expect(new Set(checks.map((check) => check.indexed_as)).size).toBe(3);
  });

  test("a check that joins and a reference: one of them has the video", async () => {
    const library = "check-and-reference";
    const file = await seeded(2);
    const bytes = await openAsBlob(file);
    const [check, added] = await Promise.all([
      api.check(file, joining(library, { reference_id: "checked" })),
      api.ask("POST", `/v1/references${query({ library, id: "added" })}`, { bytes }),
    ]);
    const holder = check.indexed_as ?? "added";
    if (holder === "added") expect(check.duplicate_for).toBe("added");
    else expect(added).toMatchObject({ status: 409, body: { reference_id: "checked" } });
    expect(await api.check(file, { library })).toMatchObject({ duplicate_for: holder });
  });
});
