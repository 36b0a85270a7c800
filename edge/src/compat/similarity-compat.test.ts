// Row by row: the contract of the video similarity service.

import { describe, expect, it } from "vitest";
import { ask, expectProblem, jsonOf, upstream } from "../../test/client.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";

const video = (name: string) => upstream(`/known/7000/${name}.mp4`);
const insert = (url: string, library = "default") =>
  ask(`/insert_video_vector?library=${library}`, { json: { video_url: url } });

describe("POST /get_video_vector", () => {
  it("answers one vector a frame, named in order", async () => {
    const response = await ask("/get_video_vector", { json: { video_url: video("vectors"), more: 1 } });
    expect(response.status).toBe(200);
    const body = await jsonOf(response);
    expect(Object.keys(body)).toEqual(["video_vectors"]);
    const names = Object.keys(body.video_vectors);
    expect(names).toHaveLength(12);
    expect([names[0], names[1], names[11]]).toEqual(["image_001", "image_002", "image_012"]);
    expect(body.video_vectors.image_001).toEqual([0.6, -0.8]);
  });
});

describe("POST /insert_video_vector", () => {
  it("answers the number of vectors, again too, and for the same bytes elsewhere", async () => {
    expect(await jsonOf(await insert(video("inserted")))).toEqual({ result: 120 });
    expect(await jsonOf(await insert(video("inserted")))).toEqual({ result: 120 });
    expect(await jsonOf(await insert(upstream("/chunked/7000/inserted.mp4")))).toEqual({ result: 120 });
  });

  it("does not put a video in the place of another one", async () => {
    const url = video("changed");
    const id = `url_${(await sha256Of(new TextEncoder().encode(url) as Uint8Array<ArrayBuffer>)).slice(0, 32)}`;
    await ask(`/v1/references?id=${id}`, { bytes: videoBytes(7000, "what was there before") });
    await expectProblem(await insert(url), 409, "reference_id_conflict");
  });
});

describe("/search_similarity_videos", () => {
  const library = "compat-similar";
  const videos = [
    { video_url: video("first"), score: 0.9 },
    { video_url: video("second"), score: 0.89 },
  ];
  const query = (more: object = {}) =>
    new URLSearchParams({ library, video_url: video("asked"), ...more }).toString();

  it("POST answers the addresses that were inserted, best first", async () => {
    for (const { video_url } of videos) await insert(video_url, library);
    const json = { video_url: video("asked"), size: 10 };
    expect(await jsonOf(await ask(`/search_similarity_videos?library=${library}`, { json }))).toEqual({
      videos,
    });
  });

  it("GET takes the query string", async () => {
    expect(await jsonOf(await ask(`/search_similarity_videos?${query()}`))).toEqual({ videos });
    const one = await jsonOf(await ask(`/search_similarity_videos?${query({ size: 1 })}`));
    expect(one).toEqual({ videos: videos.slice(0, 1) });
  });

  it.each([{ size: 0 }, { size: 101 }, { size: "ten" }, { video_url: "" }])("not with %j", async (more) => {
    await expectProblem(await ask(`/search_similarity_videos?${query(more)}`), 400, "invalid_request");
  });
});

describe("POST /video_similarity", () => {
  it("answers a score", async () => {
    const json = { video_url_1: video("first"), video_url_2: video("second") };
    expect(await jsonOf(await ask("/video_similarity", { json }))).toEqual({ score: 0.9 });
  });
});

describe("POST /create_opensearch_index", () => {
  it("answers 200 with and without a body, once and again", async () => {
    for (const given of [{ json: {} }, { method: "POST" }, { json: {} }]) {
      expect((await ask("/create_opensearch_index", given)).status).toBe(200);
    }
  });

  it("makes the library when it is not there", async () => {
    const path = "/create_opensearch_index?library=made-here";
    expect((await ask("/v1/libraries/made-here")).status).toBe(404);
    for (let times = 0; times < 2; times++) expect((await ask(path, { json: {} })).status).toBe(200);
    expect(await jsonOf(await ask("/v1/libraries/made-here"))).toMatchObject({ name: "made-here" });
  });
});

describe("what is wrong", () => {
  it.each([
    ["/get_video_vector", {}],
    ["/insert_video_vector", { video_url: 5 }],
    ["/search_similarity_videos", {}],
    ["/video_similarity", { video_url_1: "https://example.com/a.mp4" }],
  ])("%s without its fields", async (path, json) => {
    await expectProblem(await ask(path, { json }), 400, "invalid_request");
    await expectProblem(await ask(path, { method: "POST" }), 400, "invalid_request");
    await expectProblem(await ask(path, { bytes: "{", method: "POST" }), 400, "malformed_json");
    await expectProblem(await ask(path, { key: null, json }), 401, "missing_api_key");
  });

  it.each(["/get_video_vector", "/insert_video_vector", "/video_similarity", "/create_opensearch_index"])(
    "GET %s",
    async (path) => {
      await expectProblem(await ask(path), 405, "method_not_allowed");
    },
  );
});
