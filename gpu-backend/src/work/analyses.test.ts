import { type AnalysisRequest, type AnalysisResult, DEFAULT_POLICY } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { describe, expect, it } from "vitest";
import { Analyses, KEEP_EXPLAINED } from "./analyses.ts";
import type { OnProgress } from "./stage-clock.ts";
import type { TaskEvent } from "./task-registry.ts";

const REQUEST: AnalysisRequest = {
  tenant: "t",
  library: "default",
  sha256: "a".repeat(64),
  source: { kind: "url", url: "http://127.0.0.1/1" },
  task: { kind: "check", index_as: null },
  index: { installation: "0".repeat(32), library: { epoch: 0, references: 0 } },
};
const RESULT = { indexed_as: null, matches: [] } as unknown as AnalysisResult;

/** Analyses whose ends the test decides. */
function controlled() {
  const runs: {
    id: string;
    resolve: (r: AnalysisResult) => void;
    reject: (e: unknown) => void;
    progress: OnProgress;
  }[] = [];
  const failures: unknown[] = [];
  const analyses = new Analyses(
    (id, _request, progress, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        runs.push({ id, resolve, reject, progress });
      }),
    (_id, error) => failures.push(error),
  );
  const listen = (id: string, request = REQUEST) => {
    const events: TaskEvent<AnalysisResult>[] = [];
    let heard: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const leave = analyses.startOrAttach(id, request, (event) => {
      events.push(event);
      if (event.event !== "progress") heard();
    });
    return { events, ended, leave };
  };
  return { analyses, runs, failures, listen };
}

describe("Analyses", () => {
  it("attaches to a running analysis, and starts none for an unknown id", async () => {
    const { analyses, runs, listen } = controlled();
    const events: TaskEvent<AnalysisResult>[] = [];
    expect(analyses.attach("chk_1", (event) => events.push(event))).toBeNull();
    expect(runs).toEqual([]);
    const asked = listen("chk_1");
    analyses.attach("chk_1", (event) => events.push(event));
    runs[0]?.progress("decode", 0.5);
    runs[0]?.resolve(RESULT);
    await asked.ended;
    const waiting = { event: "progress", stage: "fetch", fraction: 0, waiting: true };
    expect(asked.events[0]).toEqual({ ...waiting, started: true });
    expect(events).toEqual([waiting, ...asked.events.slice(1)]);
    expect(events.at(-1)).toEqual({ event: "result", result: RESULT });
  });

  it("runs one analysis for all requests of its id, whatever their links", async () => {
    const { runs, listen } = controlled();
    const first = listen("chk_1");
    runs[0]?.progress("decode", 0.5);
    const second = listen("chk_1", { ...REQUEST, source: { kind: "url", url: "http://127.0.0.1/another" } });
    expect(second.events).toEqual([{ event: "progress", stage: "decode", fraction: 0.5 }]);
    runs[0]?.resolve(RESULT);
    await Promise.all([first.ended, second.ended]);
    expect(runs).toHaveLength(1);
    expect(first.events.at(-1)).toEqual({ event: "result", result: RESULT });
    expect(second.events.at(-1)).toEqual({ event: "result", result: RESULT });
  });

  it("continues without listeners, and gives the outcome to a later request", async () => {
    const { runs, listen } = controlled();
    listen("chk_1").leave();
    runs[0]?.resolve(RESULT);
    const later = listen("chk_1");
    await later.ended;
    expect(later.events.at(-1)).toMatchObject({ event: "result" });
    expect(runs).toHaveLength(1);
  });

  it("throws analysis_conflict for an id that belongs to another request", () => {
    const { listen } = controlled();
    listen("chk_1");
    for (const other of [
      { tenant: "u" },
      { library: "x" },
      { sha256: "b".repeat(64) },
      { policy: { visual: DEFAULT_POLICY.visual } },
      { task: { kind: "check", index_as: "r" } },
      { task: { kind: "check", index_as: null, explain: true } },
    ])
      expect(() => listen("chk_1", { ...REQUEST, ...other } as AnalysisRequest)).toThrow(
        expect.objectContaining({ code: "analysis_conflict" }),
      );
  });

  it("keeps a permanent problem and forgets a retryable one", async () => {
    const { runs, listen, failures } = controlled();
    const broken = listen("broken");
    runs[0]?.reject(new ProblemError("not_a_video", "It is a text."));
    await broken.ended;
    await listen("broken").ended;
    expect(runs).toHaveLength(1);
    const down = listen("down");
    runs[1]?.reject(new Error("disk on fire"));
    await down.ended;
    expect(down.events.at(-1)).toMatchObject({ event: "problem", problem: { code: "internal_error" } });
    listen("down");
    expect(runs).toHaveLength(3);
    expect(failures).toHaveLength(2);
  });

  it("keeps the latest explained outcomes up to the limit, whatever else has ended", async () => {
    const { runs, listen } = controlled();
    const run = async (id: string, result: AnalysisResult) => {
      const { ended } = listen(id);
      runs.at(-1)?.resolve(result);
      await ended;
    };
    const explained = { ...RESULT, explanation: {} } as unknown as AnalysisResult;
    await run("plain", RESULT);
    for (let i = 0; i <= KEEP_EXPLAINED; i++) await run(`chk_${i}`, explained);
    expect(runs).toHaveLength(KEEP_EXPLAINED + 2);
    for (const id of ["plain", "chk_1", `chk_${KEEP_EXPLAINED}`]) await listen(id).ended;
    expect(runs).toHaveLength(KEEP_EXPLAINED + 2);
    listen("chk_0");
    expect(runs).toHaveLength(KEEP_EXPLAINED + 3);
  });

  it("hands back what still runs when the grace period ends", async () => {
    const { analyses, listen } = controlled();
    const one = listen("chk_1");
    await analyses.drain(0);
    await one.ended;
    expect(one.events.at(-1)).toEqual({ event: "handed_back" });
    expect(analyses.running).toBe(0);
  });

  it("refuses new analyses while it drains, and attaches to running ones", async () => {
    const { analyses, runs, listen } = controlled();
    const one = listen("chk_1");
    const drained = analyses.drain(60_000);
    expect(() => listen("chk_2")).toThrow(expect.objectContaining({ code: "backend_unavailable" }));
    const other = listen("chk_1");
    runs[0]?.resolve(RESULT);
    await drained;
    for (const { events } of [one, other]) expect(events.at(-1)).toMatchObject({ event: "result" });
  });
});
