import type { Check, Match } from "@twinframe/shared/contract";
import { expect, it } from "vitest";
import { completedBody, eventIdOf, MAX_BODY_BYTES } from "./events.ts";

const match = (i: number, note: string) =>
  ({ reference_id: `r${i}`, verdict: "duplicate", score: 1, metadata: { note } }) as unknown as Match;
const checkWith = (matches: Match[]): Check => ({
  id: "chk_1",
  status: "completed",
  library: "default",
  created_at: "2026-01-01T00:00:00.000Z",
  matches,
  explanation: null,
});

it("an event's id follows from its job and type alone", async () => {
  const id = await eventIdOf("check.completed", "chk_1");
  expect(id).toMatch(/^evt_[0-9a-hjkmnp-tv-z]{26}$/);
  expect(await eventIdOf("check.completed", "chk_1")).toBe(id);
  expect(await eventIdOf("reference.indexed", "chk_1")).not.toBe(id);
  expect(await eventIdOf("check.completed", "chk_2")).not.toBe(id);
});

it("a check is told without its explanation", () => {
  const matches = [match(1, "")];
  const { data } = JSON.parse(completedBody("now", checkWith(matches)));
  const { explanation: _, ...told } = checkWith(matches);
  expect(data).toEqual(told);
});

it.each(["x".repeat(16_000), "€".repeat(5_300)])(
  "the weakest matches go when it would be too large",
  (note) => {
    const matches = Array.from({ length: 50 }, (_, i) => match(i, note));
    const body = completedBody("now", checkWith(matches));
    expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(MAX_BODY_BYTES);
    const { data } = JSON.parse(body);
    expect(data.matches.length).toBeGreaterThan(8);
    expect(data.matches).toEqual(matches.slice(0, data.matches.length));
    expect(data.matches_left_out).toBe(50 - data.matches.length);
  },
);
