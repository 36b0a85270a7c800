import { describe, expect, it } from "vitest";
import { ask, eventually, expectProblem, jsonOf, upstream } from "../../test/client.ts";

const path = "/check-video-duplicate";
const check = (address: string, more: object = {}) =>
  ask(path, { json: { url: upstream(address), ...more }, headers: { prefer: "wait=5" } });

describe("the contract of the short-video service", () => {
  it("a new video is unique and joins, its second copy is found under the first's name", async () => {
    expect(await jsonOf(await check("/known/9000/yappy.1.mp4", { extra: true }))).toEqual({
      is_duplicate: false,
      duplicate_for: "",
    });
    expect((await jsonOf(await ask("/v1/references/yappy.1"))).status).toBe("ready");
    const copies = { is_duplicate: true, duplicate_for: "yappy.1" };
    expect(await jsonOf(await check("/chunked/9000/yappy.mp4"))).toEqual(copies);
    expect(await jsonOf(await check("/known/9000/yappy.1.mp4"))).toEqual(copies);
  });

  it("one that was not seen whole is neither let in nor called new", async () => {
    const problem = await expectProblem(await check("/known/9000/unseen.mp4"), 422, "not_fully_seen");
    expect(problem.detail).toContain("Only 4.0 s of the video's 10.0 s could be seen");
    expect((await ask("/v1/references/unseen")).status).toBe(404);
  });

  it("a unique one whose name is taken", async () => {
    await check("/known/9000/name.mp4");
    await expectProblem(await check("/known/9001/name.mp4"), 409, "reference_id_conflict");
  });

  it("an address without a name", async () => {
    await expectProblem(await check("/known/9000/"), 400, "invalid_url");
  });

  it("without a key", async () => {
    await expectProblem(await ask(path, { key: null, json: { url: "x" } }), 401, "missing_api_key");
  });

  it("a wait that ends before the verdict says so, and the work goes on", async () => {
    const json = { url: upstream("/known/9000/late.mp4") };
    const early = await ask(path, { json, headers: { prefer: "wait=0" } });
    expect(early.headers.get("retry-after")).toBe("5");
    await expectProblem(early, 504, "analysis_timeout");
    await eventually(async () => (await ask("/v1/references/late")).status === 200);
    expect(await jsonOf(await ask(path, { json }))).toMatchObject({ duplicate_for: "late" });
  });
});
