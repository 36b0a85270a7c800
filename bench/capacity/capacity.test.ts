import { readFileSync } from "node:fs";
import { seededRandom } from "@twinframe/gpu-backend/testing/tracks";
import { describe, expect, it } from "vitest";
import { drawServiceS, meanServiceS } from "./checks.ts";
import { withTables } from "./document.ts";
import { indexNodes } from "./fleet.ts";
import { simulateQueue } from "./queue.ts";
import { DESIGNS } from "./storage.ts";

it("docs/scale.md has the tables that the constants give", () => {
  const document = readFileSync(new URL("../../docs/scale.md", import.meta.url), "utf8");
  expect(withTables(document)).toBe(document);
});

describe("the simulated queue", () => {
  const exponential = (random: () => number) => -Math.log(1 - random());
  const waitsOf = (servers: number, load: number, serviceS: (random: () => number) => number) =>
    simulateQueue({
      servers,
      serviceS,
      rate: () => load * servers,
      greatestRate: load * servers,
      untilS: 200_000 / servers,
      countFromS: 2_000 / servers,
      seed: 1,
    });

  // Mean waits in mean service times, by the textbook: M/M/1 is load / (1 − load), M/D/1 half of it, and M/M/4 at
  // 70 % busy Erlang's C (.4287) / (4 · .3).
  it.each([
    ["exponential work, one server", 1, 0.5, exponential, 1],
    ["even work, one server", 1, 0.5, () => 1, 0.5],
    ["exponential work, four servers", 4, 0.7, exponential, 0.4287 / 1.2],
  ])("waits as long as theory says: %s", (_, servers, load, serviceS, expected) => {
    const { meanS } = waitsOf(servers, load, serviceS);
    expect(Math.abs(meanS / expected - 1)).toBeLessThan(0.06);
  });

  it("waits only when a burst exceeds its servers", () => {
    const quiet = { servers: 10, serviceS: () => 1, greatestRate: 100, untilS: 60, countFromS: 0, seed: 3 };
    expect(simulateQueue({ ...quiet, rate: () => 0.5 }).longestS).toBe(0);
    const { longestS, lastLongWaitS } = simulateQueue({
      ...quiet,
      rate: (timeS) => (timeS >= 10 && timeS < 12 ? 100 : 0.5),
    });
    // 200 checks of a second each on ten servers: the last of them starts after some 20 seconds.
    expect(longestS).toBeGreaterThan(14);
    expect(longestS).toBeLessThan(21);
    expect(lastLongWaitS).toBeLessThan(35);
  });
});

it("draws service times with the mean that the machine count uses", () => {
  const random = seededRandom(1);
  let sum = 0;
  for (let i = 0; i < 200_000; i++) sum += drawServiceS(random);
  expect(Math.abs(sum / 200_000 / meanServiceS() - 1)).toBeLessThan(0.02);
});

it("counts nodes in proportion to what is stored, and never fewer than three", () => {
  for (const design of DESIGNS) {
    expect(indexNodes(design, 1_000).nodes).toBe(3);
    const [ten, hundred] = [indexNodes(design, 10e9).nodes, indexNodes(design, 100e9).nodes];
    expect(Math.abs(hundred / ten - 10)).toBeLessThan(0.5);
  }
});
