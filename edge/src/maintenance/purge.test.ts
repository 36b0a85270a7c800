// A tenant out of every store, with proof; nobody else loses anything.

import type { PurgeResult } from "@twinframe/shared/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { env, expectProblem, jsonOf, upstream } from "../../test/client.ts";
import { makeKey } from "../../test/keys.ts";
import { ownWorker } from "../../test/own-worker.ts";
import { videoBytes } from "../../test/video-bytes.ts";
import { TENANT_TABLES } from "./store/tenant-data.ts";

const { ask, add, begin, finish, run, control, index, submit, turn } = ownWorker("purge", {
  KEEP_ORIGINALS: "true",
});
const tables = Object.keys(TENANT_TABLES);
const children = ["check_decisions", "check_evidence", "import_lines", "upload_parts", "key_secrets"];
const count = (table: string, where = "1") =>
  env.DB.prepare(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`).first<number>("n");

/** Something in every store. */
async function fill(tenant: string): Promise<string> {
  const key = await makeKey(["admin"], { tenant });
  const send = async (path: string, what: object) => {
    const response = await ask(path, { key, ...what });
    expect(response.status, `${path} ${await response.clone().text()}`).toBeLessThan(300);
    return response.status === 204 ? null : jsonOf(response);
  };
  const bytes = (seed: string) => videoBytes(900, `${tenant} ${seed}`);
  await add("shelf-review-scored-50", "one", bytes("one"), key);
  await add("shelf-review-scored-50", "gone", bytes("gone"), key);
  await send("/v1/references/gone?library=shelf-review-scored-50", { method: "DELETE" });
  const query = "?library=shelf-review-scored-50&explain=true";
  const check = await send(`/v1/checks${query}`, { bytes: bytes("asked") });
  await send(`/v1/checks/${check.id}/decision`, { json: { decision: "confirmed", by: "me" } });
  await add("shelf-similar-scored-90", "two", bytes("two"), key);
  await send("/v1/checks?library=shelf-similar-scored-90", {
    bytes: bytes("cached"),
    headers: { "idempotency-key": "once" },
  });
  await send("/v1/libraries", { json: { name: "shelf" } });
  await send("/v1/webhook-endpoints", { json: { url: "https://hooks.example/a" } });
  await send("/v1/uploads", { json: { bytes: 1000 } });
  await send("/v1/imports", {
    headers: { "content-type": "application/x-ndjson" },
    bytes: JSON.stringify({ url: upstream("/known/900/import.mp4") }),
  });
  await send("/v1/webhook-secret/rotate", { method: "POST" }).catch(() => {});
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO deleted_references (tenant, library, id, job_id, object_key, updated_at) VALUES (?, 'l', 'd', 'job_d', 'references/x', '2026')",
    ).bind(tenant),
    env.DB.prepare("INSERT INTO reference_failures VALUES (?, 'l', 'f', '{}', '2026')").bind(tenant),
    env.DB.prepare("INSERT INTO analysis_crashes VALUES (?, 'w', 1, 'decode', NULL, '2026')").bind(tenant),
    env.DB.prepare("INSERT INTO webhook_addresses VALUES (?1, ?2, 'job', 'x', '2026')").bind(
      `adr ${tenant}`,
      tenant,
    ),
    env.DB.prepare(
      `INSERT INTO webhook_deliveries (id, tenant, event_id, type, subject, endpoint_id, body, status, created_at)
       VALUES (?1, ?2, ?1, 't', 's', 'e', '{}', 'failed', '2026')`,
    ).bind(`dlv ${tenant}`, tenant),
    env.DB.prepare(
      "INSERT INTO upload_parts VALUES ((SELECT id FROM uploads WHERE tenant = ?), 1, 'e')",
    ).bind(tenant),
  ]);
  return key;
}

let victim: string;
let neighbour: string;

beforeAll(async () => {
  victim = await fill("victim");
  neighbour = await fill("neighbour");
});

const listed = async (prefix: string) => (await env.OBJECTS.list({ prefix })).objects.length;
const cached = async (tenant: string) =>
  (await env.VERDICTS.list({ prefix: `verdicts/${tenant}/` })).keys.length;

async function footprint(tenant: string) {
  const rows: Record<string, number | null> = {};
  for (const table of tables) rows[table] = await count(table, `tenant = '${tenant}'`);
  const entries = Object.values((await index()).generations)
    .flat()
    .filter((key) => key.startsWith(`${tenant}/`)).length;
  return { ...rows, entries, objects: await listed(`references/${tenant}/`), cached: await cached(tenant) };
}

describe("a purge", () => {
  it("says what it would do, and does it only when the name is said twice", async () => {
    await expectProblem(
      await submit({ kind: "purge_tenant", tenant: "victim" }),
      409,
      "confirmation_missing",
    );
    const wrong = { kind: "purge_tenant", tenant: "victim", confirm: "neighbour" };
    await expectProblem(await submit(wrong), 409, "confirmation_missing");
    const before = await footprint("victim");
    // Otherwise the rest would prove nothing.
    for (const [store, n] of Object.entries(before)) expect(n, store).toBeGreaterThan(0);
    for (const table of children) expect(await count(table), table).toBeGreaterThanOrEqual(2);
  });

  it("leaves nothing in any store, and all of everybody else's", async () => {
    const before = await footprint("neighbour");
    const childrenBefore = await Promise.all(children.map((table) => count(table)));
    const explained = await listed("explanations/");
    const { id } = await begin({ kind: "purge_tenant", tenant: "victim", confirm: "victim" });
    let breaks = 2;
    await turn(id);
    await expectProblem(await ask("/v1/checks/none", { key: victim }), 401, "invalid_api_key");
    const json = { name: "back", scopes: ["admin"], tenant: "victim" };
    await expectProblem(await ask("/v1/keys", { json }), 409, "job_in_the_way");
    const job = await finish(id, async () => {
      if (breaks > 0) await control("break", { n: String(breaks--) });
    });
    expect(job).toMatchObject({ status: "completed" });
    const { left, removed } = job.result as PurgeResult;
    expect(Object.keys(left)).toEqual(
      expect.arrayContaining([...tables, "index", "objects", "cached_verdicts", "quota_counters"]),
    );
    for (const [store, n] of Object.entries(left)) expect(n, store).toBe(0);
    expect(removed).toMatchObject({ index: 2, library_references: 2, checks: 2, keys: 1, quota_counters: 1 });
    for (const [store, n] of Object.entries(await footprint("victim"))) expect(n, store).toBe(0);
    expect(await footprint("neighbour")).toEqual(before);
    const after = await Promise.all(children.map((table) => count(table)));
    expect(after.map((n, i) => childrenBefore[i]! - n!)).toEqual([1, 2, 1, 1, 1]);
    expect(await listed("explanations/")).toBe(explained - 1);
    expect((await ask("/v1/checks/none", { key: neighbour })).status).toBe(404);
  });

  it("of a name that nobody has is done at once, and a new tenant of an old name finds nothing", async () => {
    const job = await run({ kind: "purge_tenant", tenant: "victim", confirm: "victim" });
    expect(Object.values((job.result as PurgeResult).removed).every((n) => n === 0)).toBe(true);
    const key = await makeKey(["admin"], { tenant: "victim" });
    const path = "/v1/checks?library=shelf-review-scored-50";
    const check = await jsonOf(await ask(path, { key, bytes: videoBytes(900, "victim one") }));
    expect(check).toMatchObject({ matches: [] });
    await run({ kind: "purge_tenant", tenant: "victim", confirm: "victim" });
  });

  it("of the bootstrap key's own tenant keeps that key, and takes nothing new meanwhile", async () => {
    await add("default", "own", videoBytes(900, "own"));
    const { id } = await begin({ kind: "purge_tenant", tenant: "default", confirm: "default" });
    const refused = await ask("/v1/references?id=new", { bytes: videoBytes(900, "new") });
    await expectProblem(refused, 409, "job_in_the_way");
    const job = await finish(id);
    expect(job).toMatchObject({ status: "completed" });
    for (const [store, n] of Object.entries((job.result as PurgeResult).left)) expect(n, store).toBe(0);
    expect((await jsonOf(await ask("/v1/references"))).data).toEqual([]);
    await add("default", "own", videoBytes(900, "own"));
  });

  it("waits until requests that were let in before have ended, and takes what they have written", async () => {
    const late = ownWorker("purge", { PURGE_SETTLE_MS: "3600000" });
    await fill("late");
    const { id } = await late.begin({ kind: "purge_tenant", tenant: "late", confirm: "late" });
    await late.turn(id);
    expect(await late.read(id)).toMatchObject({ status: "running", progress: { stage: "quota_counters" } });
    await env.DB.prepare("INSERT INTO reference_failures VALUES ('late', 'l', 'f', '{}', '2026')").run();
    await late.turn(id);
    expect(await late.read(id)).toMatchObject({ status: "running" });
    const state = "json_set(state, '$.closedMs', 0)";
    await env.DB.prepare(`UPDATE maintenance_jobs SET state = ${state} WHERE id = ?`).bind(id).run();
    expect(await late.finish(id)).toMatchObject({ status: "completed" });
    expect(await count("reference_failures", "tenant = 'late'")).toBe(0);
  });
});
