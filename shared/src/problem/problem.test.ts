import { describe, expect, it } from "vitest";
import { z } from "zod";
import { isTransient, ProblemError, problemOfZodError, problemSchema, toProblem } from "./index.ts";

describe("problems", () => {
  it("carry status and title of their code, and survive the wire", () => {
    const problem = toProblem(
      new ProblemError("reference_content_conflict", "It is there as abc.", { referenceId: "abc" }),
      "req_1",
    );
    expect(problem).toMatchObject({
      status: 409,
      code: "reference_content_conflict",
      reference_id: "abc",
      request_id: "req_1",
    });
    const back = ProblemError.fromProblem(problemSchema.parse(JSON.parse(JSON.stringify(problem))));
    expect(toProblem(back, "req_1")).toEqual(problem);
  });

  it("tell nothing of errors that were not meant for users", () => {
    const problem = toProblem(new Error("password=hunter2"));
    expect(problem).toMatchObject({ status: 500, code: "internal_error" });
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  it("say when to try again if the service is not available", () => {
    expect(toProblem(new ProblemError("backend_unavailable", "x")).retry_after_s).toBeGreaterThan(0);
    expect(toProblem(new ProblemError("overloaded", "x", { retryAfterS: 17 })).retry_after_s).toBe(17);
    expect(toProblem(new ProblemError("not_a_video", "x")).retry_after_s).toBeUndefined();
  });

  it("tell what may pass from what will not", () => {
    expect([isTransient("backend_unavailable"), isTransient("source_timeout")]).toEqual([true, true]);
    expect([isTransient("not_a_video"), isTransient("video_too_large")]).toEqual([false, false]);
  });

  it("point at the fields that a schema refused", () => {
    const schema = z.strictObject({ "a/b": z.object({ c: z.string() }) });
    const { error } = schema.safeParse({ "a/b": { c: 1 }, extra: 1 });
    const problem = toProblem(problemOfZodError(error as z.ZodError));
    expect(problem.code).toBe("invalid_request");
    expect(problem.errors?.map(({ pointer }) => pointer)).toContain("/a~1b/c");
    expect(problem.detail).toContain("extra");
  });
});
