import { describe, expect, it } from "vitest";
import { DEMANDED, idOf, planDemo } from "./plan.ts";

const files = ["/v/a b.mp4", "/v/b.mp4", "/v/c.mp4", "/v/d.mp4"];
const durations = (seconds: number) => new Map(files.map((file) => [file, seconds]));

describe("the demo's plan", () => {
  it("asks for every reference identical, remuxed and re-encoded, and keeps distractors out of the library", () => {
    const { references, checks } = planDemo(files, durations(12));
    expect(references).toEqual(files.slice(0, 3));
    for (const file of references)
      expect(checks.filter(({ source }) => source === file).map(({ edit }) => edit)).toEqual(
        expect.arrayContaining(["identical", "remuxed", "reencoded"]),
      );
    expect(checks.filter(({ copyOf }) => copyOf === null).map(({ source }) => source)).toEqual(["/v/d.mp4"]);
    expect(checks).toContainEqual({
      source: "/v/a b.mp4",
      copyOf: "a_b",
      edit: "inserted",
      host: "/v/d.mp4",
    });
  });
  it("leaves out edits that short videos have no room for", () => {
    const edits = planDemo(files, durations(2)).checks.map(({ edit }) => edit);
    for (const edit of ["excerpt", "faster", "inserted"]) expect(edits).not.toContain(edit);
  });
  it("works with a single video", () => {
    expect(planDemo(["/v/only.mp4"], new Map([["/v/only.mp4", 5]])).references).toEqual(["/v/only.mp4"]);
  });
  it("makes ids that the API takes", () => {
    expect(idOf("/some where/My Video (1).mp4")).toBe("My_Video__1_");
    expect([...DEMANDED]).toEqual(["identical", "remuxed", "re-encoded"]);
  });
});
