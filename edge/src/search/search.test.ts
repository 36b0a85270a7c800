import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  env,
  eventually,
  expectProblem,
  jsonOf,
  objectsGone,
  openGate,
  storedObjects,
  upstream,
} from "../../test/client.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";

const path = "/v1/search";
const add = async (library: string, id: string, metadata: object = {}) => {
  const query = new URLSearchParams({ library, id, metadata: JSON.stringify(metadata) });
  const added = await ask(`/v1/references?${query}`, { bytes: videoBytes(5000, `${library} ${id}`) });
  expect(added.status).toBe(201);
};
const search = (json: object, headers: Record<string, string> = {}) => ask(path, { json, headers });
const idsOf = async (response: Response) =>
  (await jsonOf(response)).results.map((result: { reference_id: string }) => result.reference_id);

describe("a search", () => {
  it("of a URL tells the references with their metadata, and no verdict", async () => {
    const library = "search-similar";
    await add(library, "one", { title: "One" });
    await add(library, "two");
    const response = await search({ url: upstream("/known/9000/asked.mp4"), library });
    const body = await jsonOf(response);
    expect(response.status).toBe(200);
    expect(body.library).toBe(library);
    expect(body.results).toMatchObject([
      { reference_id: "one", score: 0.9, visual: { query_coverage: 1 }, metadata: { title: "One" } },
      { reference_id: "two", metadata: {} },
    ]);
    expect(body.results[0]).not.toHaveProperty("verdict");
    expect(await idsOf(await search({ url: upstream("/known/9000/asked.mp4"), library, size: 1 }))).toEqual([
      "one",
    ]);
  });

  it("leaves nothing behind: no check, no object", async () => {
    await search({ url: upstream("/known/9000/trace.mp4"), library: "search-similar" });
    await objectsGone();
    expect(await env.DB.prepare("SELECT count(*) AS n FROM checks").first("n")).toBe(0);
  });

  it("of the bytes of a video", async () => {
    const query = "?library=search-similar&size=1";
    expect(await idsOf(await ask(path + query, { bytes: videoBytes(9000, "bytes") }))).toHaveLength(1);
    const wrong = await ask(`${path}?size=many`, { bytes: videoBytes(9000, "bytes") });
    await expectProblem(wrong, 400, "invalid_request");
  });

  it("of a reference brings no video along", async () => {
    const library = "stored-similar";
    await add(library, "one");
    await add(library, "two");
    expect((await search({ reference_id: "one", library })).status).toBe(200);
    const [asked] = (await backendSeen(library)).calls.filter(({ method }) => method === "ASK");
    expect(asked?.asked?.question).toMatchObject({
      query: { kind: "reference", library, reference_id: "one" },
    });
  });

  it("tells no reference that does not exist, and none that is not ready", async () => {
    const library = "gone-similar-ghost";
    await add(library, "one");
    await add(library, "two");
    await add(library, "three");
    await env.DB.prepare("DELETE FROM library_references WHERE library = ? AND id = 'one'")
      .bind(library)
      .run();
    await env.DB.prepare(
      "UPDATE library_references SET status = 'indexing' WHERE library = ? AND id = 'three'",
    )
      .bind(library)
      .run();
    expect(await idsOf(await search({ url: upstream("/known/9000/gone.mp4"), library }))).toEqual(["two"]);
  });

  it("of another tenant's reference is as one of an unknown one", async () => {
    await add("mine-similar", "secret");
    await env.DB.prepare(
      "UPDATE library_references SET tenant = 'other' WHERE library = 'mine-similar'",
    ).run();
    const theirs = await search({ reference_id: "secret", library: "mine-similar" });
    const problem = await expectProblem(theirs, 404, "reference_not_found");
    const unknown = await search({ reference_id: "unknown", library: "mine-similar" });
    expect((await expectProblem(unknown, 404, "reference_not_found")).detail).toBe(
      problem.detail.replace("secret", "unknown"),
    );
  });

  it.each([
    ["neither", {}],
    ["both", { url: "https://example.com/a.mp4", reference_id: "x" }],
    ["too many", { reference_id: "x", size: 101 }],
    ["none", { reference_id: "x", size: 0 }],
    ["an unknown field", { reference_id: "x", verdict: true }],
    ["no id", { reference_id: "\u0000" }],
  ])("not with %s", async (_what, json) => {
    await expectProblem(await search(json), 400, "invalid_request");
  });

  it("of an address that is not fetched, and of what is no video", async () => {
    await expectProblem(await search({ url: "http://127.0.0.1:1/a.mp4" }), 403, "source_address_refused");
    await expectProblem(await search({ url: upstream("/html/1") }), 415, "not_a_video");
    await expectProblem(
      await search({ url: upstream("/known/9000/b.mp4"), library: "broken" }),
      422,
      "unreadable_video",
    );
    await objectsGone();
  });

  it("that takes longer than the wait is joined by asking again", async () => {
    const library = "wait-gated";
    const question = { url: upstream("/known/9000/wait.mp4"), library };
    const early = await search(question, { prefer: "wait=1" });
    expect(early.headers.get("retry-after")).toBe("5");
    expect(early.headers.get("preference-applied")).toBe("wait=1");
    await expectProblem(early, 504, "analysis_timeout");
    // The backend may still have to read it.
    expect(await storedObjects()).toHaveLength(1);
    await openGate(library);
    expect((await search(question)).status).toBe(200);
    const asked = (await backendSeen(library)).calls.filter(({ method }) => method === "ASK");
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    await eventually(async () => (await storedObjects()).length === 1);
  });
});

describe("a disabled reference", () => {
  it("is named by no check, search or look-up from then on, until it is enabled", async () => {
    const library = "switched-similar";
    await add(library, "on");
    await add(library, "off");
    const url = upstream("/known/9000/switched.mp4");
    const off = videoBytes(5000, `${library} off`);
    const sha256 = await sha256Of(off);
    const named = async () => {
      const check = await jsonOf(await ask("/v1/checks", { json: { url, library } }));
      const known = await ask("/v1/checks", { json: { sha256, library } });
      const compat = await ask(`/search_similarity_videos?library=${library}`, {
        json: { video_url: url, size: 5 },
      });
      return {
        check: check.matches.map((match: { reference_id: string }) => match.reference_id).sort(),
        search: (await idsOf(await search({ url, library }))).sort(),
        similar: (await jsonOf(compat)).videos.length,
        known: known.status === 200 ? (await jsonOf(known)).duplicate_for : known.status,
      };
    };
    const both = { check: ["off", "on"], search: ["off", "on"], similar: 2, known: "off" };
    const one = { check: ["on"], search: ["on"], similar: 1, known: 422 };
    const turn = (how: string) => ask(`/v1/references/off/${how}?library=${library}`, { method: "POST" });
    expect(await named()).toEqual(both);
    expect((await turn("disable")).status).toBe(200);
    // The index is told after the answer; a check that comes earlier would tell it a second time.
    const untold = env.DB.prepare(
      "SELECT id FROM library_references WHERE availability <> availability_told",
    );
    await eventually(async () => (await untold.first()) === null);
    expect(await named()).toEqual(one);
    // The index itself leaves it out, so that it takes nobody's place.
    const asked = (await backendSeen(library)).calls.at(-1)?.asked;
    expect(asked).toMatchObject({
      question: { kind: "search" },
      index: { library: { epoch: 3, references: 2 } },
    });
    await turn("enable");
    expect(await named()).toEqual(both);
  });
});
