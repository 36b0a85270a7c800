import { ProblemError } from "@twinframe/shared/problem";
import { expect, it } from "vitest";
import { decodeCursor, encodeCursor, pageOf } from "./paging.ts";

it("gives keys back as they were, of any text", () => {
  for (const key of [
    ["2026-01-01T00:00:00.000Z", "chk_1"],
    ["ä?>~ÿ", ""],
  ])
    expect(decodeCursor(encodeCursor(key), 2)).toEqual(key);
  expect(encodeCursor(["ÿ?>"])).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodeCursor(undefined, 2)).toBeNull();
});

it.each(["", "!", "bm9uc2Vuc2U", encodeCursor(["one"]), btoa("[1,2]"), btoa('{"a":1}'), "_____w"])(
  "does not take %j for one",
  (text) => expect(() => decodeCursor(text, 2)).toThrow(ProblemError),
);

it("names the last entry of a page when there are more", () => {
  const keyOf = (row: string) => [row];
  expect(pageOf(["a", "b", "c"], 2, keyOf)).toEqual({ data: ["a", "b"], next_cursor: encodeCursor(["b"]) });
  expect(pageOf(["a", "b"], 2, keyOf)).toEqual({ data: ["a", "b"], next_cursor: null });
  expect(pageOf([], 2, keyOf)).toEqual({ data: [], next_cursor: null });
});
