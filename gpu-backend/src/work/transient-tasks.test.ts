import type { Answer, QuestionRequest } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { describe, expect, it } from "vitest";
import { TransientTasks } from "./transient-tasks.ts";

const SHA256 = "a".repeat(64);
const requestFrom = (url: string): QuestionRequest => ({
  tenant: "acme",
  question: {
    kind: "search",
    library: "default",
    query: { kind: "video", sha256: SHA256, source: { kind: "url", url } },
    size: 10,
  },
});
const REQUEST = requestFrom("http://127.0.0.1/1");
const ANSWER: Answer = { kind: "search", found: [] };

/** TransientTasks whose ends the test decides. */
function controlled() {
  const runs: { resolve: (answer: Answer) => void; reject: (error: unknown) => void }[] = [];
  const questions = new TransientTasks(
    () => new Promise((resolve, reject) => runs.push({ resolve, reject })),
    () => {},
  );
  const listen = (request = REQUEST) => {
    const events: string[] = [];
    return { events, leave: questions.startOrAttach("q", request, ({ event }) => events.push(event)) };
  };
  return { runs, listen };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("TransientTasks", () => {
  it("are attached to whatever their links, and run anew once the answer was delivered", async () => {
    const { runs, listen } = controlled();
    const [first, second] = [listen(), listen(requestFrom("http://127.0.0.1/2"))];
    runs[0]?.resolve(ANSWER);
    await settled();
    expect([first.events, second.events]).toEqual([
      ["progress", "result"],
      ["progress", "result"],
    ]);
    expect(listen().events).toEqual(["progress"]);
    expect(runs).toHaveLength(2);
  });

  it("that ended without a listener deliver their answer once", async () => {
    const { runs, listen } = controlled();
    listen().leave();
    runs[0]?.resolve(ANSWER);
    await settled();
    expect(listen().events).toEqual(["result"]);
    expect(listen().events).toEqual(["progress"]);
  });

  it("keep a permanent problem until it is delivered, and no retryable one", async () => {
    const { runs, listen } = controlled();
    listen().leave();
    runs[0]?.reject(new ProblemError("unreadable_video", "Not readable."));
    await settled();
    expect(listen().events).toEqual(["problem"]);
    listen().leave();
    runs[1]?.reject(new ProblemError("overloaded", "Later."));
    await settled();
    expect(listen().events).toEqual(["progress"]);
  });

  it("refuse an id that belongs to another request", () => {
    const { listen } = controlled();
    listen();
    const other = { ...REQUEST, tenant: "other" };
    expect(() => listen(other)).toThrow(/given to another request/);
  });
});
