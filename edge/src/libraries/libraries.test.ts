import {
  DEFAULT_POLICY,
  librarySchema,
  policySchema,
  versionedPolicySchema,
} from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import { ask, env, expectProblem, jsonOf } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { videoBytes } from "../../test/video-bytes.ts";

const DEFAULT = { ...DEFAULT_POLICY, version: 0 };
const create = (json: unknown) => ask("/v1/libraries", { json });
const read = async (name: string) => jsonOf(await ask(`/v1/libraries/${name}`));
const addReference = (library: string, id: string) =>
  ask(`/v1/references?library=${library}&id=${id}`, { bytes: videoBytes(900, `${library} ${id}`) });

describe("libraries", () => {
  it("are created once, read, described, deleted", async () => {
    const response = await create({ name: "films", description: "Feature films" });
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe("/v1/libraries/films");
    const created = librarySchema.parse(await jsonOf(response));
    expect(created).toMatchObject({
      name: "films",
      description: "Feature films",
      references: 0,
      policy: DEFAULT,
    });
    expect(await read("films")).toEqual(created);
    await expectProblem(await create({ name: "films" }), 409, "library_exists");

    const json = { description: "Short films" };
    const patched = await ask("/v1/libraries/films", { method: "PATCH", json });
    expect(await jsonOf(patched)).toEqual({ ...created, ...json });
    expect(await read("films")).toEqual({ ...created, ...json });
    expect((await ask("/v1/libraries/films", { method: "DELETE" })).status).toBe(204);
    await expectProblem(await ask("/v1/libraries/films"), 404, "library_not_found");
    await expectProblem(await ask("/v1/libraries/films", { method: "DELETE" }), 404, "library_not_found");
  });

  it("come with their first reference, and may be created, described or given a policy afterwards", async () => {
    for (const name of ["implicit", "implicit-described", "implicit-judged"]) {
      await expectProblem(await ask(`/v1/libraries/${name}`), 404, "library_not_found");
      await addReference(name, "a");
      expect(librarySchema.parse(await read(name))).toEqual({
        name,
        description: "",
        references: 1,
        policy: DEFAULT,
        created_at: null,
      });
    }
    expect((await create({ name: "implicit" })).status).toBe(201);
    const json = { description: "d" };
    await ask("/v1/libraries/implicit-described", { method: "PATCH", json });
    expect(await read("implicit-described")).toMatchObject({ ...json, references: 1, policy: DEFAULT });
    await ask("/v1/libraries/implicit-judged/policy", { method: "PUT", json: {} });
    expect(await read("implicit-judged")).toMatchObject({ description: "", policy: { version: 1 } });
  });

  it("are deleted only when they are empty", async () => {
    await create({ name: "full" });
    await addReference("full", "a");
    const problem = await expectProblem(
      await ask("/v1/libraries/full", { method: "DELETE" }),
      409,
      "library_not_empty",
    );
    expect(problem.detail).toContain("1 reference");
    expect((await read("full")).created_at).not.toBeNull();
    await ask("/v1/references/a?library=full", { method: "DELETE" });
    expect((await ask("/v1/libraries/full", { method: "DELETE" })).status).toBe(204);
  });

  it("the default one is always there", async () => {
    expect(await read("default")).toMatchObject({ name: "default", policy: DEFAULT, created_at: null });
    await ask("/v1/libraries/default/policy", { method: "PUT", json: { visual: { copy_score: 0.9 } } });
    expect(await read("default")).toMatchObject({ policy: { version: 1, visual: { copy_score: 0.9 } } });
    expect((await ask("/v1/libraries/default", { method: "DELETE" })).status).toBe(204);
    expect(await read("default")).toMatchObject({ policy: DEFAULT, created_at: null });
  });

  it("are listed by name, page by page, each once, with their references", async () => {
    const rows = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) =>
        env.DB.prepare(
          `INSERT INTO library_references
             (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
           VALUES ('lister', ?1, ?2, ?2, 'ready', 'job', '{}', '{}', '2026', '2026')`,
        ).bind(name, `r${i}`),
      );
    await env.DB.batch([...rows("a", 3), ...rows("d", 1), ...rows("z", 2)]);
    const key = await makeKey(["libraries:manage"], { tenant: "lister" });
    for (const name of ["d", "b", "zz"]) await ask("/v1/libraries", { key, json: { name } });
    const expected = [
      ["a", 3],
      ["b", 0],
      ["d", 1],
      ["default", 0],
      ["z", 2],
      ["zz", 0],
    ];
    for (const limit of [1, 2, 3, 5, 6, 200]) {
      const seen: unknown[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const query = cursor === "" ? "" : `&cursor=${cursor}`;
        const page = await jsonOf(await ask(`/v1/libraries?limit=${limit}${query}`, { key }));
        expect(page.data.length).toBeLessThanOrEqual(limit);
        for (const library of page.data) seen.push([librarySchema.parse(library).name, library.references]);
        cursor = page.next_cursor;
      }
      expect(seen, String(limit)).toEqual(expected);
    }
    // Another tenant's libraries are as unknown ones.
    await expectProblem(await ask("/v1/libraries/zz"), 404, "library_not_found");
    expect(await jsonOf(await ask("/v1/libraries/d/policy", { key }))).toEqual(DEFAULT);
  });
});

describe("policies", () => {
  it("the default one is whole", async () => {
    const policy = versionedPolicySchema.parse(await jsonOf(await ask("/v1/policies/default")));
    expect(policy).toEqual(DEFAULT);
    const { version: _, ...rest } = policy;
    expect(policySchema.parse(rest)).toEqual(DEFAULT_POLICY);
  });

  it("are completed with the default one and counted", async () => {
    const own = { visual: { copy_score: 0.95 }, actions: { review: "block" } };
    const created = await jsonOf(await create({ name: "judged", policy: own }));
    const whole = {
      visual: { ...DEFAULT_POLICY.visual, copy_score: 0.95 },
      actions: { ...DEFAULT_POLICY.actions, review: "block" },
    };
    expect(created.policy).toEqual({ ...whole, version: 1 });
    const put = await ask("/v1/libraries/judged/policy", {
      method: "PUT",
      json: { actions: { unique: "review" } },
    });
    expect(put.status).toBe(200);
    const next = versionedPolicySchema.parse(await jsonOf(put));
    expect(next).toEqual({
      ...DEFAULT_POLICY,
      version: 2,
      actions: { ...DEFAULT_POLICY.actions, unique: "review" },
    });
    expect(await jsonOf(await ask("/v1/libraries/judged/policy"))).toEqual(next);
    expect((await read("judged")).policy).toEqual(next);
  });

  it("need a library", async () => {
    const path = "/v1/libraries/nowhere/policy";
    await expectProblem(await ask(path), 404, "library_not_found");
    await expectProblem(await ask(path, { method: "PUT", json: {} }), 404, "library_not_found");
    const json = { description: "" };
    await expectProblem(
      await ask("/v1/libraries/nowhere", { method: "PATCH", json }),
      404,
      "library_not_found",
    );
  });

  it.each([
    [{ visual: { copy_score: 1.01 } }, "/visual/copy_score"],
    [{ visual: { review_score: -0.1 } }, "/visual/review_score"],
    [{ visual: { review_score: 0.9 } }, "/visual/review_score"],
    [{ visual: { copy_score: 0.1 } }, "/visual/review_score"],
    [{ visual: { duplicate_query_coverage: 2 } }, "/visual/duplicate_query_coverage"],
    [{ visual: { duplicate_reference_coverage: "1" } }, "/visual/duplicate_reference_coverage"],
    [{ visual: { partial_copy_min_s: 90_000 } }, "/visual/partial_copy_min_s"],
    [{ visual: { other: 1 } }, "/visual"],
    [{ audio: {} }, "/"],
    [{ actions: { duplicate: "delete" } }, "/actions/duplicate"],
    [{ actions: { maybe: "block" } }, "/actions"],
    [[], "/"],
  ])("refuses %j", async (policy, pointer) => {
    const put = await ask("/v1/libraries/default/policy", { method: "PUT", json: policy });
    const problem = await expectProblem(put, 400, "invalid_request");
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    await expectProblem(await create({ name: "refused", policy }), 400, "invalid_request");
  });
});

const ROUTES: [string, string][] = [
  ["POST", "/v1/libraries"],
  ["GET", "/v1/libraries"],
  ["GET", "/v1/libraries/guarded"],
  ["PATCH", "/v1/libraries/guarded"],
  ["DELETE", "/v1/libraries/guarded"],
  ["GET", "/v1/libraries/guarded/policy"],
  ["PUT", "/v1/libraries/guarded/policy"],
  ["GET", "/v1/policies/default"],
];

describe("who may", () => {
  it("nobody without the scope, or without a key", async () => {
    const key = await makeKey(["checks:write", "references:read", "references:write"], { tenant: "default" });
    for (const [method, path] of ROUTES) {
      await expectProblem(await ask(path, { method, key }), 403, "insufficient_scope");
      await expectProblem(await ask(path, { method, key: null }), 401, "missing_api_key");
    }
  });

  it("another tenant's library is as an unknown one", async () => {
    await create({ name: "guarded", description: "mine", policy: { actions: { unique: "block" } } });
    const before = await read("guarded");
    const key = await makeKey(["libraries:manage", "checks:write"], { tenant: "other-librarian" });
    const json = { description: "theirs" };
    const asked = [
      ask("/v1/libraries/guarded", { key }),
      ask("/v1/libraries/guarded", { key, method: "PATCH", json }),
      ask("/v1/libraries/guarded", { key, method: "DELETE" }),
      ask("/v1/libraries/guarded/policy", { key }),
      ask("/v1/libraries/guarded/policy", { key, method: "PUT", json: {} }),
    ];
    for (const response of asked) await expectProblem(await response, 404, "library_not_found");
    const path = "/v1/checks?library=guarded";
    const check = await jsonOf(await ask(path, { key, bytes: videoBytes(900, "g") }));
    expect(check).toMatchObject({ action: "allow", policy_version: 0 });
    expect(await jsonOf(await ask(path, { bytes: videoBytes(900, "g") }))).toMatchObject({ action: "block" });
    expect((await ask("/v1/libraries", { key, json: { name: "guarded", ...json } })).status).toBe(201);
    expect(await read("guarded")).toEqual(before);
  });
});

describe("what is refused", () => {
  it.each([
    ["GET", "/v1/libraries/No%20Name", 400, "invalid_request"],
    ["GET", "/v1/libraries/%00", 400, "invalid_request"],
    ["GET", `/v1/libraries/${"x".repeat(5000)}/policy`, 400, "invalid_request"],
    ["DELETE", "/v1/libraries/%ff", 400, "invalid_request"],
    ["GET", "/v1/libraries?limit=0", 400, "invalid_request"],
    ["GET", "/v1/libraries?cursor=nonsense", 400, "invalid_request"],
    ["GET", "/v1/libraries?other=1", 400, "invalid_request"],
    ["PUT", "/v1/libraries/a", 405, "method_not_allowed"],
    ["DELETE", "/v1/libraries", 405, "method_not_allowed"],
    ["POST", "/v1/libraries/a/policy", 405, "method_not_allowed"],
    ["PUT", "/v1/policies/default", 405, "method_not_allowed"],
    ["GET", "/v1/policies/other", 404, "not_found"],
  ])("%s %s", async (method, path, status, code) => {
    await expectProblem(await ask(path, { method }), status, code);
  });

  it("a cursor of any text", async () => {
    for (const after of ["\u0000", "ÿ\ud83d", "'", "a".repeat(700)]) {
      const cursor = Buffer.from(JSON.stringify([after])).toString("base64url");
      const { status } = await ask(`/v1/libraries?cursor=${cursor}`);
      expect(status).toBeLessThan(500);
    }
  });

  it.each([
    { name: "A" },
    { name: "" },
    {},
    { name: "a", description: "x".repeat(1001) },
    { name: "a", id: 1 },
  ])("creating %j", async (json) => {
    await expectProblem(await create(json), 400, "invalid_request");
  });
});
