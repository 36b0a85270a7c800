// Copies that are found by their pictures, and videos that are none.

import { insertionArguments } from "@twinframe/evaluation/edits";
import { clip, madeBy } from "@twinframe/gpu-backend/testing/clips";
import { beforeAll, describe, expect, test } from "vitest";
import { black, edited, SCENE_S, scene } from "./clips.ts";
import { api } from "./running.ts";

const library = "content";
const names = ["valley", "spiral", "test-card"] as const;
const unique = {
  status: "completed",
  verdict: "unique",
  is_duplicate: false,
  duplicate_for: "",
  found_by: null,
  matches: [],
};

beforeAll(async () => {
  for (const name of names) await api.addReference(await scene(name), { id: name, library });
});

/** Both ends of a range within a second of where they are. */
function expectRange(range: { start_s: number; end_s: number } | undefined, startS: number, endS: number) {
  expect(Math.abs((range?.start_s ?? Number.NaN) - startS), JSON.stringify(range)).toBeLessThanOrEqual(1);
  expect(Math.abs((range?.end_s ?? Number.NaN) - endS), JSON.stringify(range)).toBeLessThanOrEqual(1);
}

/** The one segment of the best match. */
function segmentOf(check: Awaited<ReturnType<typeof api.check>>) {
  const segments = check.matches?.[0]?.visual.segments ?? [];
  expect(segments, JSON.stringify(check.matches)).toHaveLength(1);
  return segments[0]!;
}

describe("a copy", () => {
  test.each(names)("re-encoded small and hard names its reference: %s", async (name) => {
    const check = await api.check(await edited(await scene(name), "reencoded"), { library });
    expect(check).toMatchObject({
      verdict: "duplicate",
      is_duplicate: true,
      duplicate_for: name,
      found_by: "content",
      query: { duration_s: SCENE_S, frames: 2 * SCENE_S },
    });
    expect(check.matches?.[0]?.visual.query_coverage).toBeGreaterThan(0.85);
    const { query, reference, mirrored } = segmentOf(check);
    expectRange(query, 0, SCENE_S);
    expectRange(reference, 0, SCENE_S);
    expect(mirrored).toBe(false);
  });

  test("has every field of the contract", async () => {
    const file = await edited(await scene("valley"), "grey");
    expect(await api.check(file, { library })).toEqual({
      id: expect.stringMatching(/^chk_[0-9a-z]{26}$/),
      status: "completed",
      verdict: "duplicate",
      is_duplicate: true,
      duplicate_for: "valley",
      found_by: "content",
      library,
      indexed_as: null,
      action: "block",
      policy_version: 0,
      query: {
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        duration_s: SCENE_S,
        seen_s: SCENE_S,
        gaps: [],
        frames: 2 * SCENE_S,
      },
      reason: null,
      matches: expect.arrayContaining([expect.objectContaining({ reference_id: "valley" })]),
      timings_ms: Object.fromEntries(
        ["intake", "probe", "decode", "embed", "search", "align", "total"].map((stage) => [
          stage,
          expect.any(Number),
        ]),
      ),
      model: { id: expect.stringMatching(/./), version: expect.stringMatching(/./) },
      created_at: expect.any(String),
      completed_at: expect.any(String),
    });
  });

  test("of a stretch says which stretch", async () => {
    const check = await api.check(await edited(await scene("valley"), "excerpt"), { library });
    expect(check).toMatchObject({ verdict: "duplicate", duplicate_for: "valley", found_by: "content" });
    const { query, reference } = segmentOf(check);
    expectRange(query, 0, 3.5);
    const startS = 0.3 * SCENE_S + 0.37;
    expectRange(reference, startS, startS + 3.5);
    expect(check.matches?.[0]?.visual.reference_coverage).toBeLessThan(0.65);
  });

  test("inside another video is a partial copy with its place", async () => {
    const [inserted, host] = [await scene("valley"), await scene("colours")];
    const args = insertionArguments(inserted, host, "").slice(4, -1);
    const check = await api.check(await madeBy("mp4", args), { library });
    expect(check).toMatchObject({ verdict: "partial_copy", is_duplicate: false, duplicate_for: "" });
    expect(check.matches?.[0]).toMatchObject({ reference_id: "valley", verdict: "partial_copy" });
    const { query, reference } = segmentOf(check);
    expectRange(query, 4, 9);
    expectRange(reference, 1, 6);
  });

  test("played faster says how much faster", async () => {
    const check = await api.check(await edited(await scene("valley"), "faster"), { library });
    expect(check).toMatchObject({ verdict: "duplicate", duplicate_for: "valley" });
    const { speed, query, reference } = segmentOf(check);
    expect(speed).toBeGreaterThan(1.2);
    expect(speed).toBeLessThan(1.3);
    expectRange(query, 0, SCENE_S / 1.25);
    expectRange(reference, 0, SCENE_S);
  });

  test("is not found from another library", async () => {
    await api.addReference(await scene("colours"), { id: "colours", library: "content-other" });
    const file = await edited(await scene("valley"), "reencoded");
    expect(await api.check(file, { library: "content-other" })).toMatchObject(unique);
  });
});

describe("a video that is no copy", () => {
  test("is unique and names nothing", async () => {
    const check = await api.check(await scene("colours"), { library });
    expect(check).toMatchObject({ ...unique, indexed_as: null, query: { duration_s: SCENE_S } });
  });

  test("is unique when it is black, like a black reference", async () => {
    await api.addReference(await black("320x180", 4), { id: "black", library: "black" });
    expect(await api.check(await black("320x180", 6), { library: "black" })).toMatchObject(unique);
    expect(await api.check(await black("640x360", 4), { library: "black" })).toMatchObject(unique);
  });
});

describe("asked why", () => {
  const explain = "true";

  test("a copy's rule and its similarity matrix are in the answer, and later", async () => {
    const check = await api.check(await edited(await scene("valley"), "grey"), { library, explain });
    const [best] = check.explanation?.candidates ?? [];
    expect(best).toMatchObject({
      reference_id: "valley",
      verdict: "duplicate",
      rule: "segments_cover_query",
      matrix: { query_s: SCENE_S, reference_s: SCENE_S },
    });
    const png = Buffer.from(best?.matrix?.png_base64 ?? "", "base64");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([best?.matrix?.width, best?.matrix?.height]);
    expect(await api.settled(check.id)).toEqual(check);
  });

  test("a unique video's is, too", async () => {
    const check = await api.check(await scene("colours"), { library, explain });
    const { looks, candidates, reason } = check.explanation!;
    expect(check).toMatchObject(unique);
    expect(looks[0]).toMatchObject({ view: "whole" });
    expect(candidates.map(({ verdict }) => verdict).filter((verdict) => verdict !== "unique")).toEqual([]);
    expect(reason === undefined).toBe(candidates.length > 0);
  });
});

describe("a video shorter than a second", () => {
  const short = () => clip({ picture: "testsrc2", size: "320x180", durationS: 0.4 });

  test("can be a reference and is found again", async () => {
    const file = await short();
    const { duration_s } = await api.addReference(file, { id: "short", library: "short" });
    expect(duration_s).toBeCloseTo(0.4, 1);
    expect(await api.check(file, { library: "short" })).toMatchObject({ duplicate_for: "short" });
    const check = await api.check(await edited(file, "reencoded", 0.4), { library: "short" });
    expect(check.matches?.map((match) => match.reference_id)).toEqual(["short"]);
    expectRange(check.matches?.[0]?.visual.segments[0]?.query, 0, 0.4);
  });

  test("can be unique", async () => {
    expect(await api.check(await short(), { library: "short-other" })).toMatchObject(unique);
  });
});
