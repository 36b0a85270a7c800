import { checkSchema } from "@twinframe/shared/contract";
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

const at = (library: string, rest = "") => `/v1/checks?library=${library}${rest}`;
const addReference = (library: string, id: string, seed: string) =>
  ask(`/v1/references?library=${library}&id=${id}`, { bytes: videoBytes(9000, seed) });
const cached = async (library: string) =>
  (await env.VERDICTS.list({ prefix: `verdicts/default/${library}/` })).keys;

describe("the fast path", () => {
  it("knows the bytes of a reference, also while the backend is down", async () => {
    const library = "fast";
    const bytes = videoBytes(9000, "fast");
    await ask(`/v1/references?library=${library}&id=a&metadata=${encodeURIComponent('{"t":1}')}`, { bytes });
    // The library as the backend sees it is down: every further call for it breaks.
    await env.DB.prepare(
      "UPDATE library_references SET library = 'resets-fast' WHERE library = 'fast'",
    ).run();
    const check = checkSchema.parse(await jsonOf(await ask(at("resets-fast"), { bytes })));
    const whole = { start_s: 0, end_s: 10 };
    const segment = { query: whole, reference: whole, score: 1, speed: 1, mirrored: false };
    const visual = { query_coverage: 1, reference_coverage: 1, segments: [segment] };
    expect(check).toMatchObject({
      status: "completed",
      verdict: "duplicate",
      is_duplicate: true,
      duplicate_for: "a",
      found_by: "exact_bytes",
      query: { sha256: await sha256Of(bytes), duration_s: 10, seen_s: 10 },
      matches: [{ reference_id: "a", verdict: "duplicate", score: 1, metadata: { t: 1 }, visual }],
    });
    expect(await jsonOf(await ask(`/v1/checks/${check.id}`))).toEqual(check);
    expect((await backendSeen("resets-fast")).calls).toEqual([]);
    await objectsGone();
  });

  it("remembers positive verdicts until a deletion", async () => {
    const library = "similar-cached";
    await addReference(library, "a", "cached a");
    await addReference(library, "b", "cached b");
    const bytes = videoBytes(9000, "cached query");
    const first = await jsonOf(await ask(at(library), { bytes }));
    expect(first).toMatchObject({ verdict: "duplicate", found_by: "content", duplicate_for: "a" });
    await eventually(async () => (await cached(library)).length === 1);
    const calls = async () =>
      (await backendSeen(library)).calls.filter((c) => c.id.startsWith("chk_")).length;
    expect(await calls()).toBe(1);
    const second = await jsonOf(await ask(at(library), { bytes }));
    expect(second.matches).toEqual(first.matches);
    expect(await calls()).toBe(1);

    await ask(`/v1/references/a?library=${library}`, { method: "DELETE" });
    const third = await jsonOf(await ask(at(library), { bytes }));
    expect(third.duplicate_for).toBe("b");
    expect(await calls()).toBe(2);

    // The id exists again, but names another video: what was remembered of its predecessor does not count.
    await eventually(async () => (await cached(library)).length === 2);
    await ask(`/v1/references/b?library=${library}`, { method: "DELETE" });
    await addReference(library, "b", "another b");
    await ask(at(library), { bytes });
    expect(await calls()).toBe(3);
  });

  it("remembers nothing that a reference added later may change", async () => {
    const bytes = videoBytes(9000, "open query");
    for (const library of ["review-open", "partial-open"]) {
      await addReference(library, "a", `${library} a`);
      const matches = async () => (await jsonOf(await ask(at(library), { bytes }))).matches.length;
      expect(await matches()).toBe(1);
      await addReference(library, "b", `${library} b`);
      expect(await matches()).toBe(2);
      expect(await cached(library)).toEqual([]);
    }
  });

  it("never remembers that a video is unique, or that it could not be told", async () => {
    for (const library of ["negative", "busy-negative", "broken-negative", "ghost-negative"]) {
      const bytes = videoBytes(9000, "negative");
      await ask(at(library), { bytes });
      await ask(at(library), { bytes });
      expect((await backendSeen(library)).calls, library).toHaveLength(2);
    }
    expect((await env.VERDICTS.list({ prefix: "verdicts/default/negative" })).keys).toEqual([]);
    for (const library of ["busy-negative", "broken-negative", "ghost-negative"]) {
      expect(await cached(library)).toEqual([]);
    }
  });
});

describe("with the backend", () => {
  it("a unique one, its object gone afterwards", async () => {
    const json = { url: upstream("/chunked/9000/unique.mp4"), library: "plain" };
    const check = checkSchema.parse(await jsonOf(await ask("/v1/checks", { json })));
    expect(check).toMatchObject({
      status: "completed",
      verdict: "unique",
      is_duplicate: false,
      duplicate_for: "",
      found_by: null,
      matches: [],
      indexed_as: null,
      model: { id: "fake", version: "1" },
      timings_ms: { probe: 2, decode: 3, embed: 4, search: 5, align: 6 },
    });
    await objectsGone();
  });

  it("a partial copy is no duplicate", async () => {
    await addReference("partial-copy", "a", "p");
    const check = await jsonOf(await ask(at("partial-copy"), { bytes: videoBytes(9000, "pq") }));
    expect(check).toMatchObject({ verdict: "partial_copy", is_duplicate: false, duplicate_for: "" });
    expect(check.matches[0].reference_id).toBe("a");
  });

  it("a match that has no reference any more is not named", async () => {
    const check = await jsonOf(await ask(at("ghost"), { bytes: videoBytes(9000, "g") }));
    expect(check).toMatchObject({ verdict: "unique", matches: [] });
  });

  it.each(["cut-once"])("takes a stream up again that broke off: %s", async (library) => {
    const check = await jsonOf(await ask(at(library), { bytes: videoBytes(9000, "cut") }));
    expect(check.verdict).toBe("unique");
    const [first, second] = (await backendSeen(library)).calls;
    expect(second!.id).toBe(first!.id);
  });

  it.each([
    ["busy-check", 503, "overloaded"],
    ["resets-check", 503, "backend_unavailable"],
    ["broken-check", 422, "unreadable_video"],
  ])("%s is told as a problem, never as unique", async (library, status, code) => {
    const response = await ask(at(library, "&index=if_unique"), { bytes: videoBytes(9000, library) });
    if (status === 503) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(response, status, code);
    const row = await env.DB.prepare("SELECT * FROM checks WHERE library = ?").bind(library).first();
    expect(row).toMatchObject({ status: "failed", result: null });
    const failed = checkSchema.parse(await jsonOf(await ask(`/v1/checks/${row!.id}`)));
    expect(failed).toMatchObject({ status: "failed", problem: { code } });
    const claims = await env.DB.prepare("SELECT * FROM library_references WHERE library = ?").bind(library);
    expect((await claims.all()).results).toEqual([]);
    await objectsGone();
  });
});

describe("a video that was not seen whole", () => {
  const bytes = videoBytes(9000, "unseen");
  const listed = async (library: string) =>
    (await jsonOf(await ask(`/v1/references?library=${library}`))).data;

  it("is to be reviewed when nothing was found in it, and never joins or is remembered", async () => {
    const library = "unseen-checks";
    await ask(`/v1/libraries/${library}`, {
      method: "PUT",
      json: { policy: { actions: { review: "block" } } },
    });
    const response = await ask(at(library, "&index=if_unique"), { bytes });
    const check = checkSchema.parse(await jsonOf(response));
    expect(check).toMatchObject({
      verdict: "review",
      reason: "not_fully_seen",
      is_duplicate: false,
      duplicate_for: "",
      found_by: null,
      matches: [],
      indexed_as: null,
      query: { duration_s: 10, seen_s: 4, gaps: [{ start_s: 4, end_s: 10 }] },
    });
    expect(await jsonOf(await ask(`/v1/checks/${check.id}`))).toMatchObject({ reason: "not_fully_seen" });
    const decision = { decision: "rejected", by: "me" };
    expect((await ask(`/v1/checks/${check.id}/decision`, { json: decision })).status).toBe(200);
    expect(await listed(library)).toEqual([]);
    expect(await cached(library)).toEqual([]);
  });

  it("is a duplicate where what was seen is one, which is told but not remembered", async () => {
    const library = "unseen-similar";
    await addReference(library, "a", "unseen a");
    const check = await jsonOf(await ask(at(library), { bytes }));
    expect(check).toMatchObject({ verdict: "duplicate", reason: null, query: { seen_s: 4 } });
    expect(await cached(library)).toEqual([]);
  });

  it("is unique with several streams of pictures, but does not join", async () => {
    const library = "streams-checks";
    const check = await jsonOf(await ask(at(library, "&index=if_unique"), { bytes }));
    expect(check).toMatchObject({ verdict: "unique", reason: "several_streams", indexed_as: null });
    expect(await listed(library)).toEqual([]);
  });
});

describe("if unique, it joins the library", () => {
  it("under the id asked for, with its metadata", async () => {
    const library = "joins";
    const bytes = videoBytes(9000, "joins");
    const metadata = encodeURIComponent('{"by":"check"}');
    const path = at(library, `&index=if_unique&reference_id=mine&metadata=${metadata}`);
    const check = await jsonOf(await ask(path, { bytes }));
    expect(check).toMatchObject({ verdict: "unique", indexed_as: "mine" });
    const reference = await jsonOf(await ask(`/v1/references/mine?library=${library}`));
    expect(reference).toMatchObject({ status: "ready", metadata: { by: "check" }, duration_s: 10 });
    expect((await jsonOf(await ask(path, { bytes }))).duplicate_for).toBe("mine");
  });

  it("not when it matches", async () => {
    const library = "similar-joins";
    await addReference(library, "a", "joins a");
    const check = await jsonOf(await ask(at(library, "&index=if_unique"), { bytes: videoBytes(9000, "jq") }));
    expect(check).toMatchObject({ verdict: "duplicate", duplicate_for: "a", indexed_as: null });
    const rows = await env.DB.prepare("SELECT id FROM library_references WHERE library = ?")
      .bind(library)
      .all();
    expect(rows.results).toEqual([{ id: "a" }]);
  });

  it("of two at once one joins and the other is its copy", async () => {
    const library = "gated-race";
    const bytes = videoBytes(9000, "race");
    const both = [1, 2].map(() => ask(at(library, "&index=if_unique"), { bytes }).then(jsonOf));
    await eventually(async () => (await backendSeen(library)).calls.length > 0);
    await eventually(async () => (await storedObjects()).length === 2);
    await openGate(library);
    const checks = await Promise.all(both);
    const winner = checks.find((check) => check.verdict === "unique");
    const loser = checks.find((check) => check.verdict === "duplicate");
    expect(winner?.indexed_as).toMatch(/^ref_/);
    expect(loser).toMatchObject({ found_by: "exact_bytes", duplicate_for: winner.indexed_as });
    expect((await backendSeen(library)).calls).toHaveLength(1);
  });

  it("an analysis that ran twice does not match itself", async () => {
    const check = await jsonOf(
      await ask(at("echo", "&index=if_unique&reference_id=me"), { bytes: videoBytes(900, "e") }),
    );
    expect(check).toMatchObject({ verdict: "unique", indexed_as: "me", matches: [] });
    expect((await jsonOf(await ask("/v1/references/me?library=echo"))).status).toBe("ready");
  });

  it("not under an id that names other content", async () => {
    await addReference("taken", "mine", "first");
    const path = at("taken", "&index=if_unique&reference_id=mine");
    await expectProblem(await ask(path, { bytes: videoBytes(9000, "second") }), 409, "reference_id_conflict");
    expect((await jsonOf(await ask("/v1/references/mine?library=taken"))).status).toBe("ready");
  });
});

describe("when nobody waits", () => {
  const completed = (location: string) =>
    eventually(async () => {
      const check = await jsonOf(await ask(location));
      return (check.status === "completed" || check.status === "failed") && check;
    });

  it.each([
    ["an upload", { bytes: videoBytes(9000, "queue upload") }, "running"],
    ["an address", { json: { url: upstream("/known/9000/queue.mp4"), library: "gated-queue" } }, "queued"],
  ])("%s: 202, then the queue completes it", async (_, body, status) => {
    const library = "gated-queue";
    const path = "bytes" in body ? at(library) : "/v1/checks";
    const response = await ask(path, { ...body, headers: { prefer: "respond-async, wait=0" } });
    expect(response.status).toBe(202);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(response.headers.get("preference-applied")).toBe("wait=0");
    const accepted = checkSchema.parse(await jsonOf(response));
    expect(accepted).toEqual({ id: accepted.id, status, library, created_at: accepted.created_at });
    const location = response.headers.get("location")!;
    expect(location).toBe(`/v1/checks/${accepted.id}`);
    expect(["queued", "running"]).toContain((await jsonOf(await ask(location))).status);
    await openGate(library);
    expect(checkSchema.parse(await completed(location))).toMatchObject({ verdict: "unique", library });
    await objectsGone();
  });

  it("a wait that ends hands the same analysis over", async () => {
    const library = "gated-wait";
    const response = await ask(at(library), {
      bytes: videoBytes(9000, "wait"),
      headers: { prefer: "wait=1" },
    });
    expect(response.status).toBe(202);
    await openGate(library);
    await completed(response.headers.get("location")!);
    const ids = (await backendSeen(library)).calls.map((call) => call.id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });

  it("the queue tries again what may pass", async () => {
    const headers = { prefer: "wait=0" };
    const response = await ask(at("flaky-queue"), { bytes: videoBytes(9000, "flaky"), headers });
    const check = await eventually(async () => {
      const seen = await jsonOf(await ask(response.headers.get("location")!));
      return seen.status === "completed" && seen;
    }, 15_000);
    expect(check.verdict).toBe("unique");
    expect((await backendSeen("flaky-queue")).calls).toHaveLength(3);
  });

  it("a failure is told by the check, and the address is forgotten", async () => {
    const json = { url: upstream("/status/404?signature=secret") };
    const response = await ask("/v1/checks", { json, headers: { prefer: "wait=0" } });
    const check = await completed(response.headers.get("location")!);
    expect(check).toMatchObject({ status: "failed", problem: { code: "source_rejected", status: 422 } });
    expect(check.verdict).toBeUndefined();
    const row = await env.DB.prepare("SELECT * FROM checks WHERE id = ?").bind(check.id).first();
    expect(JSON.stringify(row)).not.toContain("secret");
  });
});
