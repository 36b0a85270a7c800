import { describe, expect, it } from "vitest";
import { newId } from "../ids.ts";
import {
  bestVerdict,
  createCheckSchema,
  createReferenceSchema,
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
    });
  });

  it.each([
    ["an unknown field", { url: "https://example.com", unknown: 1 }],
    ["no url", {}],
    ["an unknown index mode", { url: "https://example.com", index: "always" }],
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

describe("newId", () => {
  it("sorts by time, is unique, and says what it names", () => {
    const ids = [1, 2, 1_000_000, Date.now()].map((ms) => newId("chk", ms));
    expect([...ids].sort()).toEqual(ids);
    expect(ids[3]).toMatch(/^chk_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(new Set(Array.from({ length: 1000 }, () => newId("ref", 5))).size).toBe(1000);
  });
});
