// POST /check-video-duplicate: the contract of the service that Twinframe takes the place of.

import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem } from "./api.ts";
import { edited, scene } from "./clips.ts";
import { api, fileUrl, upstreamUrl } from "./running.ts";

const path = "/check-video-duplicate";
const id = "23fac2f2-7f00-48cb-b3ac-aac8caa3b6b4";
const ask = (url: string) => api.ask("POST", path, { json: { url } });
let file: string;

beforeAll(async () => {
  file = await scene("test-card");
});

describe("a video by its URL", () => {
  test("is no duplicate the first time, and joins under the name in the URL", async () => {
    const answer = await ask(fileUrl(file, `${id}.mp4`));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ is_duplicate: false, duplicate_for: "" });
    const read = await api.ask("GET", `/v1/references/${id}`);
    expect(read).toMatchObject({ status: 200, body: { id, library: "default", status: "ready" } });
  });

  test("is a duplicate of the first from then on", async () => {
    const first = { is_duplicate: true, duplicate_for: id };
    for (const url of [
      fileUrl(file, `${id}.mp4`),
      fileUrl(file, "another-name.mp4"),
      fileUrl(await edited(file, "remuxed"), "remuxed.mkv"),
      fileUrl(await edited(file, "reencoded"), "re-encoded.mp4"),
    ]) {
      const answer = await ask(url);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(first);
    }
  });

  test("found as a copy does not join", async () => {
    const answer = await api.ask("GET", "/v1/references/re-encoded");
    expectProblem(answer, "reference_not_found", /"re-encoded"/);
  });

  test.each([
    { name: "%61%2Dname+%40.v1.mp4", scene: "valley", id: "a-name+@.v1" },
    { name: "no-extension", scene: "spiral", id: "no-extension" },
    { name: "with-query.mov?token=a/b.c", scene: "colours", id: "with-query" },
  ] as const)("named $name is called $id", async ({ name, scene: picture, id }) => {
    expect((await ask(fileUrl(await scene(picture), name))).body).toEqual({
      is_duplicate: false,
      duplicate_for: "",
    });
    expect((await ask(fileUrl(await scene(picture), "copy.mp4"))).body).toEqual({
      is_duplicate: true,
      duplicate_for: id,
    });
  });
});

describe("what is refused", () => {
  test.each([
    { what: "a URL without a name", url: "https://example.com/" },
    { what: "a name that is no id", url: "https://example.com/%2F%2F.mp4" },
    { what: "no URL at all", url: "some-name" },
  ])("$what", async ({ url }) => {
    expectProblem(await ask(url), "invalid_url", /absolute URL/);
  });

  test("a URL that gives no video is no verdict", async () => {
    expectProblem(await ask(upstreamUrl("/status/404")), "source_rejected", /404/);
  });

  test("a request without a URL", async () => {
    const problem = expectProblem(await api.ask("POST", path, { json: {} }), "invalid_request", /url/);
    expect(problem.errors).toMatchObject([{ pointer: "/url" }]);
  });
});
