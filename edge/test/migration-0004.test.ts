// What was in the database before checks could be cancelled and references disabled is as it was.

import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { expect, it } from "vitest";
import { ask, env, jsonOf } from "./client.ts";

const { MIGRATIONS } = env as unknown as { MIGRATIONS: D1Migration[] };
const db = env.DB;

it("keeps rows, finds their verdicts, and takes the new status", async () => {
  const { results: tables } = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
    )
    .all<{ name: string }>();
  for (const { name } of tables) await db.prepare(`DROP TABLE "${name}"`).run();
  await applyD1Migrations(
    db,
    MIGRATIONS.filter(({ name }) => name < "0004"),
  );

  const at = "2026-01-01T00:00:00.000Z";
  const insert = db.prepare(
    `INSERT INTO checks (id, tenant, library, status, request, sha256, result, problem, created_at, updated_at, completed_at)
     VALUES (?, 'default', 'old', ?, '{"library":"old","index":"never","metadata":{}}', ?, ?, ?, ?, ?, ?)`,
  );
  const problem = JSON.stringify({ code: "unreadable_video" });
  await db.batch([
    insert.bind("chk_1", "completed", "a".repeat(64), '{"verdict":"review","matches":[]}', null, at, at, at),
    insert.bind("chk_2", "failed", null, null, problem, at, at, at),
    insert.bind("chk_3", "running", null, null, null, at, at, null),
    db
      .prepare(
        `INSERT INTO library_references (tenant, library, id, sha256, status, job_id, source, metadata, created_at, updated_at)
         VALUES ('default', 'old', 'a', ?, 'ready', 'job_1', '{}', '{}', ?, ?)`,
      )
      .bind("a".repeat(64), at, at),
  ]);
  const columns =
    "id, tenant, library, status, request, sha256, result, problem, created_at, updated_at, completed_at";
  const rows = async () => (await db.prepare(`SELECT ${columns} FROM checks ORDER BY id`).all()).results;
  const before = await rows();
  await applyD1Migrations(db, MIGRATIONS);
  expect(await rows()).toEqual(before);

  const idsBy = async (query: string) =>
    (await jsonOf(await ask(`/v1/checks?${query}`))).data.map(({ id }: { id: string }) => id);
  expect(await idsBy("verdict=review&decision=none")).toEqual(["chk_1"]);
  expect(await idsBy("status=failed")).toEqual(["chk_2"]);
  expect((await jsonOf(await ask("/v1/checks/chk_3/cancel", { method: "POST" }))).status).toBe("cancelled");
  expect((await jsonOf(await ask("/v1/references/a?library=old"))).status).toBe("ready");
  await expect(db.prepare("UPDATE checks SET status = 'lost'").run()).rejects.toThrow(/CHECK/);
});
