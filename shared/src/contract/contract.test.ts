import { describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import {
  analysisTaskSchema,
  bestVerdict,
  createCheckSchema,
  createReferenceSchema,
  EXPLAINED_CANDIDATES,
  EXPLAINED_SEGMENTS,
  type Explanation,
  explanationSchema,
  MATRIX_MAX_BYTES,
  METADATA_MAX_BYTES,
  referenceIdSchema,
} from "./index.ts";

describe("the public contract", () => {
  it("fills in the defaults of a check", () => {
    expect(createCheckSchema.parse({ url: "https://example.com/a.mp4" })).toEqual({
      url: "https://example.com/a.mp4",
      library: "default",
      index: "never",
      metadata: {},
      explain: false,
    });
  });

  it.each([
    ["an unknown field", { url: "https://example.com", unknown: 1 }],
    ["no url", {}],
    ["an unknown index mode", { url: "https://example.com", index: "always" }],
    ["an explain that is no truth value", { url: "https://example.com", explain: "true" }],
    ["a library name with a slash", { url: "https://example.com", library: "a/b" }],
    ["metadata that is no object", { url: "https://example.com", metadata: [1] }],
    [
      "metadata that is too large",
      { url: "https://example.com", metadata: { a: "x".repeat(METADATA_MAX_BYTES) } },
    ],
  ])("refuses %s", (_what, body) => {
    expect(createCheckSchema.safeParse(body).success).toBe(false);
  });

  it.each(["../x", "", " a", "a b", "a/b", "é", ".hidden", "-x", "x".repeat(201)])(
    "refuses the reference id %j",
    (id) => {
      expect(createReferenceSchema.safeParse({ url: "https://example.com", id }).success).toBe(false);
    },
  );

  it.each(["a", "A-1_b.c~d:e@f+g", "0f8fad5b-d9cb-469f-a165-70867728950e", "x".repeat(200)])(
    "takes the reference id %j",
    (id) => {
      expect(referenceIdSchema.parse(id)).toBe(id);
    },
  );

  it("takes the strongest verdict among the matches", () => {
    const of = (...verdicts: ("duplicate" | "partial_copy" | "review")[]) =>
      bestVerdict(verdicts.map((verdict) => ({ verdict })));
    expect([of("review", "partial_copy"), of("partial_copy", "duplicate"), of("review"), of()]).toEqual([
      "partial_copy",
      "duplicate",
      "review",
      "unique",
    ]);
  });
});

describe("an explanation", () => {
  const range = { start_s: 0, end_s: 4 };
  const segment = {
    query: range,
    reference: range,
    score: 0.1,
    speed: 1,
    mirrored: false,
    view: "whole",
    evidence: { similarity: 0.8, motion: -0.1, frames: 8 },
  };
  const of = (matrix: object = {}, candidate: object = {}, count = 1): unknown => ({
    looks: [{ view: "whole", frames: 8, references: 1 }],
    box: { left: 0, top: 0.1, right: 1, bottom: 0.9 },
    model: { id: "m", version: "1", frame_similarity_floor: 0.5 },
    policy: { copy_score: 0.65 },
    candidates: Array(count).fill({
      reference_id: "r",
      verdict: "unique",
      rule: "score_below_review",
      reason: "It is low.",
      best_score: 0.1,
      segments: [segment],
      matrix: {
        png_base64: btoa("png"),
        width: 256,
        height: 4,
        query_s: 4,
        reference_s: 4,
        view: "whole",
        ...matrix,
      },
      ...candidate,
    } satisfies Explanation["candidates"][number]),
  });
  it("comes back as it was", () => {
    expect(explanationSchema.parse(of())).toEqual(of());
    expect(explanationSchema.safeParse(of({}, { matrix: null })).success).toBe(true);
    expect(
      explanationSchema.safeParse(of({}, { segments: Array(EXPLAINED_SEGMENTS).fill(segment) })).success,
    ).toBe(true);
    expect(explanationSchema.safeParse(of({ png_base64: btoa("x".repeat(MATRIX_MAX_BYTES)) })).success).toBe(
      true,
    );
  });
  it.each<[string, unknown]>([
    ["a rule that nobody knows", of({}, { rule: "because" })],
    ["a wide matrix", of({ width: 257 })],
    ["a heavy matrix", of({ png_base64: btoa("x".repeat(MATRIX_MAX_BYTES + 3)) })],
    ["a matrix that is no base64", of({ png_base64: "<png>" })],
    ["too many candidates", of({}, {}, EXPLAINED_CANDIDATES + 1)],
    ["too many segments", of({}, { segments: Array(EXPLAINED_SEGMENTS + 1).fill(segment) })],
  ])("may not have %s", (_what, explanation) => {
    expect(explanationSchema.safeParse(explanation).success).toBe(false);
  });
  it("is asked of the backend in one way only", () => {
    const task = { kind: "check", index_as: null };
    expect(analysisTaskSchema.parse({ ...task, explain: true })).toEqual({ ...task, explain: true });
    expect(analysisTaskSchema.safeParse({ ...task, explain: false }).success).toBe(false);
  });
});

describe("newId", () => {
  it("sorts by time, is unique, and says what it names", () => {
    const ids = [1, 2, 1_000_000, Date.now()].map((ms) => newId("chk", ms));
    expect([...ids].sort()).toEqual(ids);
    expect(ids[3]).toMatch(/^chk_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(new Set(Array.from({ length: 1000 }, () => newId("ref", 5))).size).toBe(1000);
  });
});
