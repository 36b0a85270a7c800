// What the flooding tenant does, until it is told to stop. It waits a little where it is refused, since a client that
// does not is only a program that keeps its own machine busy.

import { setTimeout as later } from "node:timers/promises";
import type { Arena } from "./arena.ts";

export interface Flood {
  kind: string;
  run(arena: Arena, random: () => number, signal: AbortSignal): Promise<{ refused: number }>;
}

const AFTER_REFUSAL_MS = 500;
const VIDEO = { "content-type": "video/mp4" };

/** `lanes` that ask one thing after another; how often they were refused. */
async function lanes(
  count: number,
  signal: AbortSignal,
  step: (lane: number) => Promise<Response>,
): Promise<{ refused: number }> {
  let refused = 0;
  const lane = async (_: unknown, number: number) => {
    while (!signal.aborted) {
      try {
        const response = await step(number);
        await response.text();
        if (response.ok) continue;
        refused++;
        await later(AFTER_REFUSAL_MS, undefined, { signal });
      } catch {
        // Cut off by the end of the flood, or by the service: goes on.
      }
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return { refused };
}

const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(random() * values.length)] as T;

const checks = (count: number, prefer: string, ownMs = 0): Flood["run"] => {
  return ({ ask, floodKey, clips }, random, signal) =>
    lanes(count, signal, async () => {
      if (ownMs > 0) await later(ownMs, undefined, { signal });
      return ask("/v1/checks", {
        key: floodKey,
        body: pick(clips, random),
        headers: { ...VIDEO, prefer },
        signal,
      });
    });
};

/** Files of a hundred lines, again and again. */
const imports: Flood["run"] = ({ ask, floodKey, urls }, random, signal) =>
  lanes(12, signal, () => {
    const lines = Array.from({ length: 100 }, () => `${pick(urls, random)}?${Math.floor(random() * 1e9)}`);
    const body = ["url", ...lines].join("\n");
    return ask("/v1/imports", { key: floodKey, body, headers: { "content-type": "text/csv" }, signal });
  });

/** Hundreds of listeners of a few checks that have not ended. */
const streams: Flood["run"] = async (arena, random, signal) => {
  const { ask, floodKey } = arena;
  const begin = async () => {
    const headers = { ...VIDEO, prefer: "wait=0" };
    const response = await ask("/v1/checks", { key: floodKey, body: pick(arena.clips, random), headers });
    return ((await response.json()) as { id: string }).id;
  };
  const ids = await Promise.all(Array.from({ length: 4 }, begin));
  return lanes(300, signal, async (lane) => {
    const path = `/v1/checks/${ids[lane % ids.length]}/events`;
    const response = await ask(path, { method: "GET", key: floodKey, signal });
    if (response.ok) {
      await response.text();
      ids[lane % ids.length] = await begin();
      return new Response();
    }
    return response;
  });
};

const wrongKeys: Flood["run"] = ({ ask }, random, signal) =>
  lanes(40, signal, () => {
    const secret = Array.from({ length: 40 }, () => Math.floor(random() * 36).toString(36)).join("");
    return ask("/v1/checks/chk_1", { method: "GET", key: `tf_${"0".repeat(26)}_${secret}`, signal });
  });

const together =
  (...floods: Flood["run"][]): Flood["run"] =>
  async (...args) => {
    const outcomes = await Promise.all(floods.map((flood) => flood(...args)));
    return { refused: outcomes.reduce((sum, { refused }) => sum + refused, 0) };
  };

export const FLOODS: readonly Flood[] = [
  {
    kind: "everything",
    run: together(checks(100, "wait=30"), checks(20, "wait=0", 200), imports, streams, wrongKeys),
  },
  { kind: "checks at once", run: checks(300, "wait=30") },
  { kind: "queued checks", run: checks(60, "wait=0", 100) },
  { kind: "imports", run: imports },
  { kind: "event streams", run: streams },
  { kind: "wrong keys", run: wrongKeys },
];
