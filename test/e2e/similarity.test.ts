// Searches, comparisons, vectors and the similarity service's contract, with real videos through both services.

import { request } from "node:http";
import { comparisonSchema, descriptorsSchema, searchSchema } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { api, fileUrl, shared } from "./running.ts";

const library = "similarity";
let valley: string;
let spiral: string;
let copy: string;

beforeAll(async () => {
  [valley, spiral] = await Promise.all([scene("valley"), scene("spiral")]);
  copy = await edited(valley, "reencoded");
  await api.addReference(valley, { id: "valley", library, metadata: { title: "Valley" } });
  await api.addReference(spiral, { id: "spiral", library });
});

describe("a search", () => {
  test("finds a copy's original first, and says which seconds", async () => {
    const answer = await api.ask("POST", "/v1/search", { json: { url: fileUrl(copy), library } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { results } = searchSchema.parse(answer.body);
    expect(results[0]).toMatchObject({ reference_id: "valley", metadata: { title: "Valley" } });
    expect(results[0]?.score).toBeGreaterThan(0.8);
    expect(results[0]?.visual.segments[0]?.query.end_s).toBeGreaterThan(7);
  });

  test("of a reference does not find itself", async () => {
    const answer = await api.ask("POST", "/v1/search", { json: { reference_id: "valley", library } });
    const { results } = searchSchema.parse(answer.body);
    expect(results.map(({ reference_id }) => reference_id)).not.toContain("valley");
  });
});

describe("a comparison", () => {
  test("of a URL with a reference, as JSON and as a picture", async () => {
    const json = { a: { url: fileUrl(copy) }, b: { reference_id: "valley", library } };
    const { body } = await api.ask("POST", "/v1/comparisons", { json });
    const { score, verdict, durations } = comparisonSchema.parse(body);
    expect({ verdict, durations }).toEqual({ verdict: "duplicate", durations: { a_s: 8, b_s: 8 } });
    expect(score).toBeGreaterThan(0.8);
    const picture = await fetch(`${shared.edgeUrl}/v1/comparisons`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${shared.apiKey}`,
        "content-type": "application/json",
        accept: "image/png",
      },
      body: JSON.stringify(json),
    });
    expect(picture.headers.get("content-type")).toBe("image/png");
    const bytes = Buffer.from(await picture.arrayBuffer());
    expect(bytes.toString("base64")).toBe(body.matrix.png_base64);
  });

  test("of two different videos", async () => {
    const json = { a: { url: fileUrl(valley) }, b: { url: fileUrl(spiral) } };
    const { body } = await api.ask("POST", "/v1/comparisons", { json });
    expect(comparisonSchema.parse(body).score).toBeLessThan(0.35);
  });
});

test("a reference's vectors", async () => {
  const { body } = await api.ask("GET", `/v1/references/valley/descriptors?library=${library}&limit=5`);
  const page = descriptorsSchema.parse(body);
  expect(page.frames).toHaveLength(5);
  expect(page.frames[0]?.vector).toHaveLength(page.dims);
  expect(page.next_cursor).not.toBeNull();
});

/** fetch sends no body with GET; HTTP allows one. */
function getWithBody(path: string, json: object): Promise<{ status: number; text: string }> {
  const body = JSON.stringify(json);
  const headers = {
    authorization: `Bearer ${shared.apiKey}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const asking = request(shared.edgeUrl + path, { method: "GET", headers }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, text });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

describe("the contract of the video similarity service", () => {
  const index = "similarity-compat";
  const url = () => fileUrl(valley, "original.mp4");
  const post = (path: string, json: object) => api.ask("POST", path, { json });

  test("makes its index, inserts, and gives as many vectors as it inserts", async () => {
    expect((await post(`/create_opensearch_index?library=${index}`, {})).status).toBe(200);
    const inserted = await post(`/insert_video_vector?library=${index}`, { video_url: url() });
    expect(inserted.status, JSON.stringify(inserted.body)).toBe(200);
    expect(inserted.body.result).toBeGreaterThan(5);
    const { body } = await post("/get_video_vector", { video_url: url() });
    expect(Object.keys(body.video_vectors)).toHaveLength(inserted.body.result);
    expect(body.video_vectors.image_001).toHaveLength(128);
  });

  test("searches, by POST and by GET with a query string or a body", async () => {
    const asked = { video_url: fileUrl(copy), size: 3 };
    const { body } = await post(`/search_similarity_videos?library=${index}`, asked);
    expect(body).toEqual({ videos: [{ video_url: url(), score: expect.any(Number) }] });
    const query = new URLSearchParams({ library: index, video_url: asked.video_url, size: "3" });
    expect((await api.ask("GET", `/search_similarity_videos?${query}`)).body).toEqual(body);
    const { status, text } = await getWithBody(`/search_similarity_videos?library=${index}`, asked);
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 200, body });
  });

  test("compares two videos", async () => {
    const same = await post("/video_similarity", { video_url_1: fileUrl(copy), video_url_2: url() });
    expect(same.body.score).toBeGreaterThan(0.8);
    const other = await post("/video_similarity", { video_url_1: fileUrl(spiral), video_url_2: url() });
    expect(other.body.score).toBeLessThan(0.35);
  });

  test("says what is no video", async () => {
    const answer = await post("/get_video_vector", { video_url: `http://${shared.upstreamHost}/seen` });
    expectProblem(answer, "not_a_video", /video/);
  });
});
