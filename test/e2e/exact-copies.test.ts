// Copies that are found without looking at a picture.

import { remuxed } from "@twinframe/gpu-backend/testing/clips";
import { beforeAll, describe, expect, test } from "vitest";
import { checkOf } from "./api.ts";
import { edited, SCENE_S, scene } from "./clips.ts";
import { api, fileUrl } from "./running.ts";

const library = "exact";
const whole = { start_s: 0, end_s: SCENE_S };
const wholeMatch = {
  reference_id: "original",
  verdict: "duplicate",
  score: 1,
  metadata: { title: "The original" },
  visual: {
    query_coverage: 1,
    reference_coverage: 1,
    segments: [{ query: whole, reference: whole, score: 1, speed: 1, mirrored: false }],
  },
};
let original: string;

beforeAll(async () => {
  original = await scene("valley");
  await api.addReference(original, { id: "original", library, metadata: { title: "The original" } });
});

describe("the very same file", () => {
  test("is a duplicate by its bytes", async () => {
    const check = await api.check(original, { library });
    expect(check).toMatchObject({
      status: "completed",
      verdict: "duplicate",
      is_duplicate: true,
      duplicate_for: "original",
      found_by: "exact_bytes",
      library,
      query: { duration_s: SCENE_S, frames: 2 * SCENE_S },
      timings_ms: { probe: 0, decode: 0, embed: 0, search: 0, align: 0 },
    });
    expect(check.matches).toEqual([wholeMatch]);
  });

  test("is so by URL as well, of known length or not", async () => {
    for (const url of [fileUrl(original), fileUrl(original, "video.mp4", "?chunked")]) {
      const { status, body } = await api.ask("POST", "/v1/checks", { json: { url, library } });
      expect(status).toBe(200);
      expect(checkOf(body)).toMatchObject({ duplicate_for: "original", found_by: "exact_bytes" });
    }
  });

  test("is unknown to another library", async () => {
    expect(await api.check(original, { library: "exact-other" })).toMatchObject({
      verdict: "unique",
      is_duplicate: false,
      duplicate_for: "",
      found_by: null,
      matches: [],
    });
  });
});

describe("the same coded video in another wrapping", () => {
  const wrappings = {
    "as Matroska": () => edited(original, "remuxed"),
    "as MPEG-TS": () => remuxed(original, "ts"),
    "with other tags": () => remuxed(original, "mp4", ["-metadata", "title=Not the original"]),
    "with its index in front": () => remuxed(original, "mp4", ["-movflags", "+faststart"]),
  };
  test.each(Object.entries(wrappings))("%s is found by its coded pictures", async (_, wrap) => {
    const check = await api.check(await wrap(), { library });
    expect(check).toMatchObject({
      verdict: "duplicate",
      is_duplicate: true,
      duplicate_for: "original",
      found_by: "exact_packets",
      timings_ms: { embed: 0, search: 0, align: 0 },
      matches: [{ reference_id: "original", score: 1, metadata: { title: "The original" } }],
    });
    expect(check.query?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("is unknown to another library", async () => {
    const check = await api.check(await edited(original, "remuxed"), { library: "exact-other" });
    expect(check).toMatchObject({ verdict: "unique", matches: [] });
  });
});
