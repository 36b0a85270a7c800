import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { issueApiKey } from "@twinframe/shared/api-key";
import { expect, test } from "vitest";
import { keyStatements, readGrant } from "./key-statements.ts";

const folder = resolve(import.meta.dirname, "../../../edge/migrations");
const migrations = readdirSync(folder).sort();
const apply = (database: DatabaseSync, names: string[]) => {
  for (const name of names) database.exec(readFileSync(resolve(folder, name), "utf8"));
};

test("the SQL of npm run key makes a key with the tenant, scopes and expiry that were asked for", async () => {
  const database = new DatabaseSync(":memory:");
  apply(database, migrations);
  const issued = await issueApiKey();
  const grant = readGrant({ tenant: "acme", scopes: "checks:write, references:read", expires: "2027-01-31" });
  database.exec(keyStatements(grant, issued, "2026-01-01T00:00:00.000Z"));
  expect(
    database.prepare("SELECT k.*, s.hash FROM keys k JOIN key_secrets s ON s.key_id = k.id").all(),
  ).toMatchObject([
    {
      id: issued.id,
      hash: issued.hash,
      tenant: "acme",
      revoked_at: null,
      per_day: null,
      scopes: '["checks:write","references:read"]',
      expires_at: "2027-01-31T00:00:00.000Z",
    },
  ]);
});

test.each([
  { tenant: "O'Brien", scopes: "admin" },
  { scopes: "" },
  { scopes: "admin,everything" },
  { scopes: "admin", name: "x'); DROP TABLE keys; --" },
  { scopes: "admin", name: "$(id)" },
  { scopes: "admin", expires: "soon" },
])("refused: %j", (given) => {
  expect(() => readGrant(given)).toThrow(/^--/);
});

test("API keys without an id stay valid", () => {
  const database = new DatabaseSync(":memory:");
  apply(database, migrations.slice(0, 1));
  const insert = database.prepare("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)");
  insert.run("a".repeat(64), "acme", '["admin"]', null, null, "2026-01-01");
  insert.run("b".repeat(64), "other", '["checks:write"]', "2027-01-01", "2026-06-01", "2026-01-02");
  apply(database, migrations.slice(1));
  const rows = database
    .prepare("SELECT k.*, s.hash FROM keys k JOIN key_secrets s ON s.key_id = k.id ORDER BY s.hash")
    .all();
  expect(rows).toMatchObject([
    { hash: "a".repeat(64), tenant: "acme", scopes: '["admin"]', expires_at: null, revoked_at: null },
    { hash: "b".repeat(64), tenant: "other", expires_at: "2027-01-01", revoked_at: "2026-06-01" },
  ]);
  for (const { id } of rows) expect(id).toMatch(/^key_[0-9a-f]{26}$/);
});
