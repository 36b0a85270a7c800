import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StageClock } from "./stage-clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lasting = (ms: number) => () => new Promise<void>((done) => setTimeout(done, ms));

it("adds runs that follow one another, and counts concurrent runs once", async () => {
  const clock = new StageClock();
  const all = Promise.all([clock.time("embed", lasting(100)), clock.time("embed", lasting(300))]);
  await vi.advanceTimersByTimeAsync(300);
  await all;
  expect(clock.timingsMs.embed).toBe(300);
  const later = clock.time("embed", lasting(50));
  await vi.advanceTimersByTimeAsync(50);
  await later;
  expect(clock.timingsMs).toEqual({ embed: 350 });
});

it("counts the time of a stage that fails", async () => {
  const clock = new StageClock();
  const failing = clock.time("decode", async () => {
    await lasting(70)();
    throw new Error("broken");
  });
  const caught = expect(failing).rejects.toThrow("broken");
  await vi.advanceTimersByTimeAsync(70);
  await caught;
  expect(clock.timingsMs).toEqual({ decode: 70 });
});
