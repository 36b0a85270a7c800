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

it("stops speculative work, and waits for its end, when the scope is left", async () => {
  const ended: string[] = [];
  {
    await using _work = startSpeculative(untilStopped(ended));
    expect(ended).toEqual([]);
  }
  expect(ended).toEqual(["gone"]);
});

it("stops speculative work by the caller's signal, with its reason", async () => {
  const caller = new AbortController();
  await using work = startSpeculative(untilStopped([]), caller.signal);
  caller.abort(new Error("asked to stop"));
  await expect(work.result).rejects.toThrow("asked to stop");
});

it("keeps a result, and leaves a failure that is not awaited unreported", async () => {
  await using done = startSpeculative(async () => 7);
  await using _failed = startSpeculative(async () => {
    throw new Error("not needed");
  });
  expect(await done.result).toBe(7);
});
