import { expect, it } from "vitest";
import { startSpeculative } from "./speculative.ts";

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
    await using _work = startSpeculative(untilStopped(ended));
    expect(ended).toEqual([]);
  }
  expect(ended).toEqual(["gone"]);
});

it("is stopped by the caller's signal, with its reason", async () => {
  const caller = new AbortController();
  await using work = startSpeculative(untilStopped([]), caller.signal);
  caller.abort(new Error("asked to stop"));
  await expect(work.result).rejects.toThrow("asked to stop");
});

it("keeps a result, and a failure that nobody asks for harms nobody", async () => {
  await using done = startSpeculative(async () => 7);
  await using _failed = startSpeculative(async () => {
    throw new Error("not needed");
  });
  expect(await done.result).toBe(7);
});
