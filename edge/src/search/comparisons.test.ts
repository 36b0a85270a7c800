import { describe, expect, it } from "vitest";
import { ask, env, expectProblem, jsonOf, objectsGone, upstream } from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const path = "/v1/comparisons";
const url = (name: string) => ({ url: upstream(`/known/9000/${name}.mp4`) });
const compare = (a: object, b: object, headers: Record<string, string> = {}) =>
  ask(path, { json: { a, b }, headers });
const add = (library: string, id: string) =>
  ask(`/v1/references?library=${library}&id=${id}`, { bytes: videoBytes(5000, `${library} ${id}`) });

describe("a comparison", () => {
  it("of two URLs tells score, segments, lengths and the matrix, and leaves nothing behind", async () => {
    const response = await compare(url("a"), url("b"));
    expect(response.status).toBe(200);
    expect(await jsonOf(response)).toEqual({
      score: 0.9,
      verdict: "duplicate",
      segments: [expect.objectContaining({ score: 0.9, speed: 1 })],
      durations: { a_s: 10, b_s: 20 },
      matrix: expect.objectContaining({ width: 8, height: 4, query_s: 10, reference_s: 20, view: "whole" }),
    });
    await objectsGone();
  });

  it.each([
    ["image/png", "image/png"],
    ["image/png, application/json;q=0.5", "image/png"],
    ["application/json, image/png", "application/json"],
    ["*/*", "application/json"],
  ])("asked for as %s is %s", async (accept, type) => {
    const response = await compare(url("a"), url("b"), { accept });
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("vary")).toContain("accept");
    if (type === "image/png")
      expect(new Uint8Array(await response.arrayBuffer()).slice(1, 4)).toEqual(
        new TextEncoder().encode("PNG"),
      );
    else await response.text();
  });

  it("of references, and the picture of nothing", async () => {
    await add("pair-blank", "one");
    const one = { reference_id: "one", library: "pair-blank" };
    expect((await jsonOf(await compare(one, one))).matrix).toBeNull();
    await expectProblem(await compare(one, url("b"), { accept: "image/png" }), 422, "nothing_to_show");
  });

  it("with a reference that is not there, or not ready yet", async () => {
    const none = { reference_id: "none" };
    await expectProblem(await compare(url("a"), none), 404, "reference_not_found");
    await add("pair", "soon");
    await env.DB.prepare("UPDATE library_references SET status = 'indexing' WHERE id = 'soon'").run();
    const soon = { reference_id: "soon", library: "pair" };
    const problem = await expectProblem(await compare(soon, url("a")), 404, "reference_not_found");
    expect(problem.detail).toContain("still being indexed");
    await objectsGone();
  });

  it("of which one address fails drops what the other gave", async () => {
    const bad = { url: upstream("/status/404") };
    await expectProblem(await compare(url("a"), bad), 422, "source_rejected");
    await objectsGone();
  });

  it.each([
    ["one alone", { a: { url: "https://example.com/a.mp4" } }],
    ["neither url nor id", { a: {}, b: {} }],
    ["both", { a: { url: "https://e.com/a", reference_id: "x" }, b: { reference_id: "y" } }],
    ["text", { a: "https://example.com/a.mp4", b: "x" }],
  ])("not with %s", async (_what, json) => {
    await expectProblem(await ask(path, { json }), 400, "invalid_request");
  });
});

describe("descriptors", () => {
  it("come in pages up to the last", async () => {
    await add("vectors", "one");
    const seen: number[] = [];
    let cursor = "";
    for (let page = 0; page < 3; page++) {
      const query = `library=vectors&limit=50${cursor && `&cursor=${cursor}`}`;
      const body = await jsonOf(await ask(`/v1/references/one/descriptors?${query}`));
      expect(body).toMatchObject({ model: { id: "fake" }, dims: 2, total: 120 });
      seen.push(...body.frames.map((frame: { start_s: number }) => frame.start_s));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => i / 2));
    expect(cursor).toBeNull();
  });

  it.each(["absent", "%00", "a%20b", "%ff", "x".repeat(300)])("of %s", async (id) => {
    await expectProblem(await ask(`/v1/references/${id}/descriptors`), 404, "reference_not_found");
  });

  it.each(["limit=0", "limit=201", "cursor=x", "cursor=WyJ4Il0", "library=%00", "other=1"])(
    "not with %s",
    async (query) => {
      await expectProblem(await ask(`/v1/references/one/descriptors?${query}`), 400, "invalid_request");
    },
  );

  it("that the index lacks are to be asked for again", async () => {
    await add("vectors", "lost");
    await ask("/v1/references/lost?library=vectors", { method: "DELETE" });
    await env.DB.prepare("UPDATE library_references SET id = 'lost' WHERE library = 'vectors'").run();
    const response = await ask("/v1/references/lost/descriptors?library=vectors");
    await expectProblem(response, 503, "index_unavailable");
  });
});
