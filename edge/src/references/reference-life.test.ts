// What can be done with references after they were added: listed, patched, disabled, enabled.

import { type Reference, referenceSchema } from "@twinframe/shared/contract";
import { describe, expect, it } from "vitest";
import {
  ask,
  backendSeen,
  closeGate,
  env,
  eventually,
  expectProblem,
  jsonOf,
  openGate,
} from "../../test/client.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { listReferences } from "./store/reference-list.ts";

const one = (library: string, id: string, what = "") => `/v1/references/${id}${what}?library=${library}`;
const add = async (library: string, id: string, metadata: unknown = {}, seed = `${library} ${id}`) => {
  const query = `library=${library}&id=${id}&metadata=${encodeURIComponent(JSON.stringify(metadata))}`;
  const response = await ask(`/v1/references?${query}`, { bytes: videoBytes(900, seed) });
  expect(response.status).toBe(201);
};
const check = async (library: string, seed: string, rest = "") =>
  jsonOf(await ask(`/v1/checks?library=${library}${rest}`, { bytes: videoBytes(900, seed) }));
const post = async (library: string, id: string, what: "disable" | "enable") =>
  ask(one(library, id, `/${what}`), { method: "POST" });
const referenceOf = async (response: Response) => referenceSchema.parse(await jsonOf(response));
const idsOf = async (query: string): Promise<string[]> =>
  (await jsonOf(await ask(`/v1/references?${query}`))).data.map(({ id }: Reference) => id);

describe("disabling", () => {
  it("takes a reference out of every kind of verdict at once, and enabling brings it back", async () => {
    const library = "similar-disable";
    await add(library, "a");
    await add(library, "b");
    const exact = await check(library, `${library} a`);
    expect(exact).toMatchObject({ found_by: "exact_bytes", duplicate_for: "a" });
    const found = await check(library, "query");
    expect(found.matches.map((match: { reference_id: string }) => match.reference_id)).toEqual(["a", "b"]);
    await eventually(
      async () => (await env.VERDICTS.list({ prefix: `verdicts/default/${library}/` })).keys.length === 1,
    );

    const disabled = await referenceOf(await post(library, "a", "disable"));
    expect(disabled).toMatchObject({ id: "a", status: "disabled" });
    expect(await referenceOf(await post(library, "a", "disable"))).toEqual(disabled);
    const namesA = async (seed: string) =>
      JSON.stringify(await check(library, seed, "&explain=true")).includes('"a"');
    for (const seed of [`${library} a`, "query", "another query"]) {
      expect((await check(library, seed)).duplicate_for).toBe("b");
      expect(await namesA(seed)).toBe(false);
    }
    expect((await backendSeen(library)).references).toEqual(["a", "b"]);

    expect((await referenceOf(await post(library, "a", "enable"))).status).toBe("ready");
    expect((await check(library, `${library} a`)).duplicate_for).toBe("a");
    // What was remembered while it was out does not count either.
    expect((await check(library, "query")).duplicate_for).toBe("a");
    expect(await namesA("query")).toBe(true);
  });

  it("also out of a check that is under way, and of what is remembered", async () => {
    const library = "gated-similar-disable";
    await openGate(library);
    await add(library, "a");
    await closeGate(library);
    const analyses = async () =>
      (await backendSeen(library)).calls.filter(
        ({ method, id }) => method === "PUT" && id.startsWith("chk_"),
      );
    const waiting = check(library, "under way", "&explain=true");
    await eventually(async () => (await analyses()).length === 1);
    await post(library, "a", "disable");
    await openGate(library);
    // The backend, asked before, still names it.
    expect(await waiting).toMatchObject({ verdict: "unique", matches: [], explanation: { candidates: [] } });

    await post(library, "a", "enable");
    await check(library, "remembered");
    await eventually(
      async () => (await env.VERDICTS.list({ prefix: `verdicts/default/${library}/` })).keys.length > 0,
    );
    // Even where the epoch had not been raised.
    await env.DB.prepare("UPDATE library_references SET disabled_at = 'now' WHERE library = ?")
      .bind(library)
      .run();
    expect((await check(library, "remembered")).matches).toEqual([]);
  });

  it("leaves it out of what the backend looks at, so that it stands in nobody's way", async () => {
    const library = "similar-disable-only";
    await add(library, "a");
    await post(library, "a", "disable");
    const result = await check(library, "joins", "&index=if_unique&reference_id=b");
    expect(result).toMatchObject({ verdict: "unique", indexed_as: "b" });
  });

  it("does not let its content in again", async () => {
    const library = "disable-content";
    await add(library, "a", { t: 1 });
    await post(library, "a", "disable");
    const bytes = videoBytes(900, `${library} a`);
    const again = await ask(`/v1/references?library=${library}`, { bytes });
    expect(again.status).toBe(200);
    expect(await referenceOf(again)).toMatchObject({ id: "a", status: "disabled", metadata: { t: 1 } });
    const result = await check(library, `${library} a`, "&index=if_unique");
    expect(result).toMatchObject({ verdict: "unique", indexed_as: null });
    expect(await idsOf(`library=${library}`)).toEqual(["a"]);
  });

  it("of one that is still indexed stays when it is ready", async () => {
    const library = "gated-disable-early";
    const headers = { prefer: "wait=0" };
    const path = `/v1/references?library=${library}&id=a`;
    await ask(path, { bytes: videoBytes(900, "early"), headers });
    expect((await referenceOf(await post(library, "a", "disable"))).status).toBe("disabled");
    await openGate(library);
    await eventually(async () => {
      const row = await env.DB.prepare("SELECT status FROM library_references WHERE library = ?")
        .bind(library)
        .first();
      return row?.status === "ready";
    });
    expect((await check(library, "early")).verdict).toBe("unique");
  });

  it("of one that does not exist is a 404", async () => {
    for (const what of ["disable", "enable"] as const)
      await expectProblem(await post("disable-none", "x", what), 404, "reference_not_found");
  });
});

describe("patching", () => {
  const patch = (library: string, json: unknown, headers: Record<string, string> = {}) =>
    ask(one(library, "a"), { method: "PATCH", json, headers });

  it("merges, removes what is null, and shows in verdicts", async () => {
    const library = "patching";
    await add(library, "a", { title: "A", tags: { x: 1, y: 2 }, old: true });
    const changes = { metadata: { title: "B", tags: { x: null, z: 3 }, old: null } };
    const merged = { title: "B", tags: { y: 2, z: 3 } };
    const patched = await patch(library, changes, { "content-type": "application/merge-patch+json" });
    expect((await referenceOf(patched)).metadata).toEqual(merged);
    expect((await jsonOf(await ask(one(library, "a")))).metadata).toEqual(merged);
    expect((await check(library, `${library} a`)).matches[0].metadata).toEqual(merged);
    expect((await referenceOf(await patch(library, {}))).metadata).toEqual(merged);
    expect((await referenceOf(await patch(library, { metadata: null }))).metadata).toEqual({});
  });

  it("only what If-Match names", async () => {
    const library = "patching-match";
    await add(library, "a");
    const etag = (await ask(one(library, "a"))).headers.get("etag")!;
    const first = await patch(library, { metadata: { n: 1 } }, { "if-match": `"other", ${etag}` });
    expect(first.status).toBe(200);
    expect(first.headers.get("etag")).not.toBe(etag);
    const late = await patch(library, { metadata: { n: 2 } }, { "if-match": etag });
    await expectProblem(late, 412, "precondition_failed");
    const any = await patch(library, { metadata: { n: 3 } }, { "if-match": "*" });
    expect((await referenceOf(any)).metadata).toEqual({ n: 3 });
  });

  it("loses none of several at once", async () => {
    const library = "patching-race";
    await add(library, "a");
    const keys = ["p", "q", "r", "s"];
    const all = await Promise.all(keys.map((key) => patch(library, { metadata: { [key]: 1 } })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(Object.keys((await jsonOf(await ask(one(library, "a")))).metadata).sort()).toEqual(keys);
  });

  it("within bounds", async () => {
    const library = "patching-bounds";
    await add(library, "a", { a: "x".repeat(9000) });
    const large = await patch(library, { metadata: { b: "x".repeat(9000) } });
    await expectProblem(large, 400, "invalid_request");
    await expectProblem(await patch(library, { status: "ready" }), 400, "invalid_request");
    await expectProblem(await patch(library, { metadata: "x" }), 400, "invalid_request");
    await expectProblem(
      await patch(library, {}, { "content-type": "text/plain" }),
      415,
      "unsupported_media_type",
    );
    const deep = `{"metadata": {"a": ${"[".repeat(30_000)}${"]".repeat(30_000)}}}`;
    const headers = { "content-type": "application/json" };
    const nested = await ask(one(library, "a"), { method: "PATCH", bytes: deep, headers });
    await expectProblem(nested, 400, "invalid_request");
    await expectProblem(
      await ask(one(library, "none"), { method: "PATCH", json: {} }),
      404,
      "reference_not_found",
    );
  });
});

describe("listing", () => {
  it("newest first, page by page, of one library", async () => {
    const library = "listing";
    for (const id of ["a", "b", "c"]) await add(library, id);
    await add("listing-other", "d");
    const first = await jsonOf(await ask(`/v1/references?library=${library}&limit=2`));
    expect(first.data.map(({ id }: Reference) => id)).toEqual(["c", "b"]);
    const second = await jsonOf(
      await ask(`/v1/references?library=${library}&limit=2&cursor=${first.next_cursor}`),
    );
    expect(second).toMatchObject({ data: [{ id: "a" }], next_cursor: null });
    referenceSchema.parse(second.data[0]);
  });

  it("by status and time", async () => {
    const library = "listing-status";
    await add(library, "a");
    await add(library, "b");
    await post(library, "b", "disable");
    await env.DB.prepare(
      `INSERT INTO library_references (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
       VALUES ('default', ?, 'c', ?, 'indexing', 'job_c', '{}', '{}', '2020-01-01T00:00:00.000Z', '2030')`,
    )
      .bind(library, "c".repeat(64))
      .run();
    for (const [status, id] of [
      ["ready", "a"],
      ["disabled", "b"],
      ["indexing", "c"],
    ])
      expect(await idsOf(`library=${library}&status=${status}`), status).toEqual([id]);
    expect(await idsOf(`library=${library}&created_before=2021-01-01T00:00:00Z`)).toEqual(["c"]);
    expect(await idsOf(`library=${library}&created_after=2021-01-01T00:00:00Z`)).toEqual(["b", "a"]);
  });

  it("by metadata: text, numbers and truth values, all of which must hold", async () => {
    const library = "listing-metadata";
    await add(library, "a", { lang: "en", n: 5, ok: true, 'q"$.x': "odd", deep: { lang: "fr" } });
    await add(library, "b", { lang: "en", n: "5", ok: "true", f: 1.5 });
    await add(library, "c", { lang: "de", n: 50, ok: false, list: ["en"] });
    const by = (query: string) => idsOf(`library=${library}&${query}`);
    expect(await by("metadata.lang=en")).toEqual(["b", "a"]);
    expect(await by("metadata.n=5")).toEqual(["b", "a"]);
    expect(await by("metadata.f=1.50")).toEqual(["b"]);
    expect(await by("metadata.ok=true")).toEqual(["b", "a"]);
    expect(await by("metadata.ok=false")).toEqual(["c"]);
    expect(await by("metadata.lang=en&metadata.ok=true&metadata.f=1.5")).toEqual(["b"]);
    expect(await by("metadata.lang=en&metadata.lang=de")).toEqual([]);
    expect(await by(`metadata.${encodeURIComponent('q"$.x')}=odd`)).toEqual(["a"]);
    for (const none of [
      "deep.lang=fr",
      "list=en",
      "deep=fr",
      "%27%20OR%201=1",
      "nope=",
      "%00=%00",
      "n=1e999",
    ])
      expect(await by(`metadata.${none}`), none).toEqual([]);
  });

  it("goes on after rows that do not fit, however many", async () => {
    const library = "listing-sparse";
    await add(library, "a", { rare: 1 });
    for (const id of ["b", "c", "d"]) await add(library, id);
    const filter = { library };
    const seen: string[] = [];
    let after: readonly string[] | null = null;
    let pages = 0;
    do {
      const list = await listReferences(
        env.DB,
        "default",
        filter,
        [{ key: "rare", value: "1" }],
        after,
        10,
        2,
      );
      seen.push(...list.rows.map(({ id }) => id));
      after = list.next;
      pages++;
    } while (after !== null);
    expect(seen).toEqual(["a"]);
    expect(pages).toBe(3);
  });

  it.each([
    "metadata.=1",
    `metadata.${"k".repeat(129)}=1`,
    "metadata=1",
    "status=gone",
    "library=A!",
    Array.from({ length: 11 }, (_, i) => `metadata.k${i}=1`).join("&"),
    "created_after=2020",
    "nope=1",
  ])("does not take %s", async (query) => {
    await expectProblem(await ask(`/v1/references?${query}`), 400, "invalid_request");
  });
});
