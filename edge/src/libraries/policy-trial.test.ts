// A policy tried on recent checks: what it would have said, from what each of them was judged by.

import { type PolicyTrialResult, policyTrialResultSchema } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { ask, env, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const library = "trial-similar-scored-60";
const bytes = (seed: string) => videoBytes(900, seed);
const check = async (seed: string, more = "", at = library): Promise<string> => {
  const response = await ask(`/v1/checks?library=${at}${more}`, { bytes: bytes(seed) });
  expect(response.status, await response.clone().text()).toBe(200);
  return (await jsonOf(response)).id;
};
const send = (json: object, at = library) => ask(`/v1/libraries/${at}/policy/trial`, { json });
async function tried(json: object, at = library): Promise<PolicyTrialResult> {
  const response = await send(json, at);
  expect(response.status, await response.clone().text()).toBe(200);
  return policyTrialResultSchema.parse(await jsonOf(response));
}
const visual = (review_score: number, copy_score: number) => ({
  policy: { visual: { review_score, copy_score } },
});
const evidenceRows = () => env.DB.prepare("SELECT COUNT(*) AS n FROM check_evidence").first<number>("n");

const ids: string[] = [];

beforeAll(async () => {
  for (const id of ["one", "two"])
    await ask(`/v1/references?library=${library}&id=${id}`, { bytes: bytes(id) });
  for (const seed of ["first", "second", "third"]) ids.push(await check(seed));
  ids.push(await check("one"));
});

describe("a trial", () => {
  it("tells what would have changed, by verdict and by action, and which checks", async () => {
    const seen = await tried(visual(0.3, 0.8));
    expect(seen).toMatchObject({ tried: 4, not_tried: 0, changed_count: 3 });
    expect(seen.verdicts).toEqual([
      { from: "duplicate", to: "review", count: 3 },
      { from: "duplicate", to: "duplicate", count: 1 },
    ]);
    expect(seen.actions).toEqual([
      { from: "block", to: "review", count: 3 },
      { from: "block", to: "block", count: 1 },
    ]);
    expect(seen.changed.map(({ check_id }) => check_id)).toEqual(ids.slice(0, 3).reverse());
    expect(seen.changed[0]).toMatchObject({ verdict: { from: "duplicate", to: "review" }, score: 0.6 });
    expect(seen.policy.visual).toMatchObject({ copy_score: 0.8, duplicate_query_coverage: 0.6 });
  });

  it("knows a stricter policy that finds nothing, and one that changes nothing", async () => {
    const strict = await tried(visual(0.7, 0.8));
    expect(strict.verdicts).toContainEqual({ from: "duplicate", to: "unique", count: 3 });
    expect(strict.changed[0]).toMatchObject({ reference_id: null, action: { from: "block", to: "allow" } });
    expect(await tried(visual(0.1, 0.5))).toMatchObject({ tried: 4, changed_count: 0, changed: [] });
  });

  it("never calls unique what was not seen whole", async () => {
    const at = "unseen-trial-similar-scored-60";
    await ask(`/v1/references?library=${at}&id=r`, { bytes: bytes(`${at} r`) });
    await check("part", "", at);
    const seen = await tried(visual(0.7, 0.8), at);
    expect(seen.verdicts).toEqual([{ from: "duplicate", to: "review", count: 1 }]);
  });

  it("leaves what identical bytes have found, but tells its new action", async () => {
    const seen = await tried({ policy: { visual: { copy_score: 0.5 }, actions: { duplicate: "review" } } });
    expect(seen.verdicts).toEqual([{ from: "duplicate", to: "duplicate", count: 4 }]);
    expect(seen.changed.map(({ check_id }) => check_id)).toContain(ids[3]);
  });

  it("takes as many of the latest as it is told, or those since a time", async () => {
    expect(await tried({ ...visual(0.3, 0.8), checks: 2 })).toMatchObject({ tried: 2, changed_count: 1 });
    const since = new Date(Date.now() + 60_000).toISOString();
    expect(await tried({ ...visual(0.3, 0.8), since })).toMatchObject({ tried: 0, verdicts: [] });
  });

  it("counts checks without evidence as not tried", async () => {
    // Answered from the first one's verdict.
    const repeated = await check("first");
    expect(await tried(visual(0.3, 0.8))).toMatchObject({ tried: 4, not_tried: 1 });
    await ask(`/v1/checks/${repeated}`, { method: "DELETE" });
  });

  it("judges by the references that took part then, whatever is disabled since", async () => {
    const at = "past-similar-scored-60";
    for (const id of ["was", "never"])
      await ask(`/v1/references?library=${at}&id=${id}`, { bytes: bytes(`${at} ${id}`) });
    await ask(`/v1/references/never/disable?library=${at}`, { method: "POST" });
    await check("past", "", at);
    await ask(`/v1/references/was/disable?library=${at}`, { method: "POST" });
    await ask(`/v1/references/never/enable?library=${at}`, { method: "POST" });
    const seen = await tried(visual(0.3, 0.8), at);
    expect(seen.changed).toMatchObject([{ reference_id: "was", verdict: { to: "review" } }]);
  });

  it("asks for a page of judgements at a time, and names at most fifty", async () => {
    const at = "crowd-similar-scored-60";
    await ask(`/v1/references?library=${at}&id=r`, { bytes: bytes(`${at} r`) });
    const one = await check("crowd", "", at);
    const copies = (table: string, columns: string, key: string) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 119)
         INSERT INTO ${table} (${key}, ${columns}) SELECT 'chk_' || i, ${columns} FROM ${table}, n WHERE ${key} = ?`,
      ).bind(one);
    await env.DB.batch([
      copies(
        "checks",
        "tenant, library, status, request, result, created_at, updated_at, completed_at",
        "id",
      ),
      copies("check_evidence", "evidence", "check_id"),
    ]);
    const seen = await tried({ ...visual(0.3, 0.8), checks: 110 }, at);
    expect(seen).toMatchObject({ tried: 110, changed_count: 110 });
    expect(seen.changed).toHaveLength(50);
    expect(await tried(visual(0.3, 0.8), at)).toMatchObject({ tried: 120 });
  });

  it("changes nothing", async () => {
    const path = `/v1/libraries/${library}/policy`;
    expect(await jsonOf(await ask(path))).toMatchObject({ version: 0 });
    expect((await jsonOf(await ask(`/v1/checks/${ids[0]}`))).verdict).toBe("duplicate");
  });

  it("is of one's own library only, with a policy as PUT takes it", async () => {
    await expectProblem(await send(visual(0.3, 0.8), "nowhere"), 404, "library_not_found");
    await expectProblem(await send(visual(0.9, 0.8)), 400, "invalid_request");
    await expectProblem(await send({ ...visual(0.3, 0.8), checks: 1001 }), 400, "invalid_request");
    await expectProblem(await send({}), 400, "invalid_request");
    const key = await makeKey(["libraries:manage"]);
    const foreign = await ask(`/v1/libraries/${library}/policy/trial`, { key, json: visual(0.3, 0.8) });
    await expectProblem(foreign, 404, "library_not_found");
  });
});

describe("evidence", () => {
  it("goes with its check", async () => {
    const before = await evidenceRows();
    await ask(`/v1/checks/${ids[0]}`, { method: "DELETE" });
    expect(await evidenceRows()).toBe(before! - 1);
    expect(await tried(visual(0.3, 0.8))).toMatchObject({ tried: 3, not_tried: 0 });
  });

  it("is no part of what the API answers", async () => {
    expect(await jsonOf(await ask(`/v1/checks/${ids[1]}`))).not.toHaveProperty("evidence");
  });
});

describe("a library's cached verdicts", () => {
  it("are forgotten when its owner says so: the next check is analysed anew", async () => {
    const at = "cache-similar";
    await ask(`/v1/references?library=${at}&id=r`, { bytes: bytes(`${at} r`) });
    const analysed = async () => {
      const answer = await ask(`/v1/checks?library=${at}`, { bytes: bytes("again") });
      return (await jsonOf(answer)).timings_ms.decode > 0;
    };
    expect(await analysed()).toBe(true);
    expect(await analysed()).toBe(false);
    const key = await makeKey(["libraries:manage"], { tenant: "default" });
    const purge = (name: string) => ask(`/v1/libraries/${name}/cache/purge`, { key, method: "POST" });
    expect((await purge(at)).status).toBe(204);
    expect(await analysed()).toBe(true);
    expect(await analysed()).toBe(false);
    await expectProblem(await purge("nowhere"), 404, "library_not_found");
  });

  it("are forgotten by tenant and everywhere when an operator says so", async () => {
    const epochs = async () => {
      const { index, data } = await jsonOf(await ask("/v1/admin/epochs?limit=200"));
      return { index, cache: data.find((row: { library: string }) => row.library === "cache-similar").epoch };
    };
    const before = await epochs();
    const purge = async (json: object) => jsonOf(await ask("/v1/admin/cache/purge", { json }));
    expect((await purge({ tenant: "default" })).libraries).toBeGreaterThanOrEqual(3);
    expect(await epochs()).toEqual({ index: before.index, cache: before.cache + 1 });
    expect(await purge({ tenant: "default", library: "cache-similar" })).toEqual({ libraries: 1 });
    expect(await purge({})).toEqual({ libraries: null });
    expect(await epochs()).toEqual({ index: before.index + 1, cache: before.cache + 2 });
    await expectProblem(
      await ask("/v1/admin/cache/purge", { json: { library: "x" } }),
      400,
      "invalid_request",
    );
  });
});
