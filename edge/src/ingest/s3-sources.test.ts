import { describe, expect, it } from "vitest";
import { ask, backendSeen, eventually, expectProblem, jsonOf, storedObjects } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { sha256Of, videoBytes } from "../../test/video-bytes.ts";

const address = (name: string, size = 6000) => `s3://videos/known/${size}/${name}.mp4`;
const check = (url: string, more: object = {}) => ask("/v1/checks", { json: { url, ...more } });

describe("s3:// addresses", () => {
  it("of a check and a reference: the backend reads the object, and nothing of it is stored here", async () => {
    const added = await ask("/v1/references", { json: { url: address("kept"), id: "kept" } });
    const sha256 = await sha256Of(videoBytes(6000, "kept"));
    expect(added.status).toBe(201);
    expect(await jsonOf(added)).toMatchObject({ id: "kept", sha256, status: "ready" });
    const checked = await jsonOf(await check(address("kept")));
    expect(checked).toMatchObject({ verdict: "duplicate", duplicate_for: "kept", found_by: "exact_bytes" });
    expect(await jsonOf(await check(address("fresh")))).toMatchObject({
      status: "completed",
      verdict: "unique",
    });
    expect(await storedObjects()).toEqual([]);
  });

  it("of an import, line by line; another bucket's line fails alone", async () => {
    const lines = [address("imported"), "s3://secrets/known/6000/a.mp4"].map((url) =>
      JSON.stringify({ url }),
    );
    const headers = { "content-type": "application/x-ndjson" };
    const { id } = await jsonOf(
      await ask("/v1/imports?library=s3-import", { bytes: lines.join("\n"), headers }),
    );
    const seen = await eventually(async () => {
      const { data } = await jsonOf(await ask(`/v1/imports/${id}/lines`));
      return data.every(({ status }: { status: string }) => ["done", "failed"].includes(status)) && data;
    });
    expect(seen).toMatchObject([
      { status: "done", url: address("imported") },
      { status: "failed", problem: { code: "source_address_refused" } },
    ]);
  });

  it("of an accepted check are read when its turn comes", async () => {
    const library = "s3-late";
    const json = { url: address("late"), library, index: "if_unique", reference_id: "late" };
    const accepted = await ask("/v1/checks", { json, headers: { prefer: "wait=0" } });
    expect(accepted.status).toBe(202);
    const { id } = await jsonOf(accepted);
    await expect
      .poll(async () => (await jsonOf(await ask(`/v1/checks/${id}`))).status, { timeout: 10_000 })
      .toBe("completed");
    expect((await backendSeen(library)).references).toEqual(["late"]);
  });

  it("of a search, a comparison and the predecessors' routes", async () => {
    expect((await ask("/v1/search", { json: { url: address("asked") } })).status).toBe(200);
    const [a, b] = [{ url: address("a") }, { url: address("b") }];
    expect((await jsonOf(await ask("/v1/comparisons", { json: { a, b } }))).score).toBe(0.9);
    const inserted = await ask("/insert_video_vector", { json: { video_url: address("inserted") } });
    expect(await jsonOf(inserted)).toEqual({ result: 120 });
    const json = { url: address("UUID-1") };
    const unique = { is_duplicate: false, duplicate_for: "" };
    expect(await jsonOf(await ask("/check-video-duplicate", { json }))).toEqual(unique);
    const copy = { is_duplicate: true, duplicate_for: "UUID-1" };
    expect(await jsonOf(await ask("/check-video-duplicate", { json }))).toEqual(copy);
  });

  it("are each tenant's own", async () => {
    const theirs = "s3://theirs/known/6000/own.mp4";
    const asked = async (tenant: string, url: string) =>
      ask("/v1/checks", { json: { url }, key: await makeKey(["admin"], { tenant }) });
    const statuses = async (url: string) => [
      (await asked("films", url)).status,
      (await asked("acme", url)).status,
    ];
    expect(await statuses(theirs)).toEqual([200, 403]);
    expect(await statuses(address("own"))).toEqual([403, 403]);
    const problem = await expectProblem(await check(theirs), 403, "source_address_refused");
    expect(problem.detail).toContain("S3_ALLOWED_BUCKETS");
  });

  it.each([
    ["in another bucket", "s3://secrets/known/6000/a.mp4", 403, "source_address_refused"],
    ["without a key", "s3://videos/", 400, "invalid_url"],
    ["without anything", "s3://", 400, "invalid_url"],
    ["that leads elsewhere", "s3://videos/../secrets/a.mp4", 400, "invalid_url"],
    ["with a control character", "s3://videos/a\u0000b.mp4", 400, "invalid_url"],
    ["with half a character", "s3://videos/a\ud800.mp4", 400, "invalid_url"],
    ["that is long", `s3://videos/${"é".repeat(507)}`, 400, "invalid_url"],
    ["with nothing there", "s3://videos/absent.mp4", 422, "source_rejected"],
    ["with no video there", "s3://videos/html", 415, "not_a_video"],
    ["with too much there", address("large", 21 * 1024 * 1024), 413, "video_too_large"],
    ["that does not come", "s3://videos/late", 504, "source_timeout"],
  ] as const)("%s", async (_what, url, status, code) => {
    await expectProblem(await check(url), status, code);
    await expectProblem(await ask("/v1/references", { json: { url } }), status, code);
  });
});
