import { expect, it } from "vitest";
import { startAhead } from "./ahead.ts";

const untilStopped = (ended: string[]) => (signal: AbortSignal) =>
  new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () =>
      setTimeout(() => {
        ended.push("gone");
        reject(signal.reason);
      }),
    ),
  );

it("is stopped and over when its scope is left", async () => {
  const ended: string[] = [];
  {
    await using _work = startAhead(untilStopped(ended));
    expect(ended).toEqual([]);
  }
  expect(ended).toEqual(["gone"]);
});

it("is stopped by the caller's signal, with its reason", async () => {
  const caller = new AbortController();
  await using work = startAhead(untilStopped([]), caller.signal);
  caller.abort(new Error("asked to stop"));
  await expect(work.result).rejects.toThrow("asked to stop");
});

it("keeps a result, and a failure that nobody asks for harms nobody", async () => {
  await using done = startAhead(async () => 7);
  await using _failed = startAhead(async () => {
    throw new Error("not needed");
  });
  expect(await done.result).toBe(7);
});
