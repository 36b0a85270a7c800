import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { campaignOptions } from "./campaign-options.ts";
import { campaignTable } from "./campaign-table.ts";
import { spread } from "./choose-cases.ts";
import type { CaseResult, Part } from "./part.ts";
import { runCampaign } from "./run-campaign.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "torture-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Run = (index: number, random: () => number, signal: AbortSignal) => Promise<CaseResult>;

const partOf = (run: Run, cases = 6): Part => ({
  name: "made",
  about: "a made part",
  cases,
  slice: 2,
  open: async () => ({ run, figures: async () => ({ peak: 3 }), close: async () => {} }),
});

function campaign(part: Part, args: string[] = [], signal = new AbortController().signal) {
  const options = campaignOptions(args, ["made"]);
  return runCampaign(options, {
    load: async () => ({ part }),
    folder,
    commit: "abc",
    signal,
    log: () => {},
    withProgress: (_label, _total, work) => work(() => {}),
  });
}

describe("the campaign", () => {
  it("gives a case the same random numbers when it is replayed, and other ones to other cases and seeds", async () => {
    const drawn = new Map<string, number>();
    const noting = (label: string) =>
      partOf(async (index, random) => {
        drawn.set(`${label}/${index}`, random());
        return { kind: "a", held: true };
      });
    await campaign(noting("first"));
    await campaign(noting("replayed"), ["--part", "made", "--case", "3"]);
    await campaign(noting("other"), ["--seed", "2"]);
    expect(drawn.get("replayed/3")).toBe(drawn.get("first/3"));
    expect(drawn.get("first/2")).not.toBe(drawn.get("first/3"));
    expect(drawn.get("other/3")).not.toBe(drawn.get("first/3"));
  });

  it("goes on where it was stopped and runs failed cases again", async () => {
    const stop = new AbortController();
    const ran: number[] = [];
    const part = partOf(async (index) => {
      ran.push(index);
      if (index === 3) stop.abort();
      return { kind: "a", held: index !== 1 };
    });
    await campaign(part, [], stop.signal);
    const [result] = await campaign(part);
    // What is new comes before what has failed.
    expect(ran).toEqual([0, 1, 2, 3, 3, 4, 5, 1]);
    expect(result?.records).toHaveLength(6);
  });

  it("keeps the files and the replay command of a case that failed", async () => {
    const file = join(folder, "evidence.bin");
    writeFileSync(file, "bytes");
    const part = partOf(async (index) => ({
      kind: "cut",
      held: index !== 4,
      detail: "got in",
      keep: [file],
    }));
    const results = await campaign(part, ["--seed", "7"]);
    const kept = join(folder, "seed-7", "failed", "made-4");
    expect(readFileSync(join(kept, "replay.txt"), "utf8")).toContain("--part made --seed 7 --case 4");
    expect(readFileSync(join(kept, "evidence.bin"), "utf8")).toBe("bytes");
    expect(campaignTable(results, 7)).toMatch(/made +6 of 6 +5 +1 .*peak 3[\s\S]*made failed: cut 1/);
  });

  it("counts a case that throws as failed", async () => {
    const results = await campaign(
      partOf(async () => {
        throw new Error("broke");
      }, 1),
    );
    expect(results[0]?.records).toMatchObject([{ held: false, kind: "threw" }]);
  });

  it("says of a part that cannot start that it could not go on", async () => {
    const part = {
      ...partOf(async () => ({ kind: "a", held: true })),
      open: () => Promise.reject(new Error("no port")),
    };
    const [result] = await campaign(part);
    expect(result?.outcome.fault).toContain("no port");
  });

  it("spreads a slice over all cases", () => {
    expect(spread(10, 4)).toEqual([0, 2, 5, 7]);
    expect(spread(2, 4)).toEqual([0, 1]);
  });

  it.each([
    [["--part", "none"], /there is no part "none"/],
    [["--minutes", "0"], /--minutes/],
    [["--seed", "x"], /--seed/],
  ])("refuses %j", (args, message) => {
    expect(() => campaignOptions(args, ["made"])).toThrow(message);
  });
});
