// What the services keep on disk, read or prepared from outside.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const storage = (stateDir: string, kind: string) => join(stateDir, "edge/v3", kind);

/** Each database of one of workerd's simulated services. */
function* databasesOf(stateDir: string, kind: "d1" | "r2", readOnly: boolean) {
  for (const folder of readdirSync(storage(stateDir, kind), { withFileTypes: true, recursive: true })) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(folder.name)) continue;
    const database = new DatabaseSync(join(folder.parentPath, folder.name), { readOnly });
    try {
      yield database;
    } finally {
      database.close();
    }
  }
}

/** Changes the edge's D1 database; only while the edge does not run. */
export function writeDatabase(stateDir: string, sql: string, ...values: (string | null)[]): number {
  for (const database of databasesOf(stateDir, "d1", false)) {
    return Number(database.prepare(sql).run(...values).changes);
  }
  throw new Error(`${stateDir} holds no D1 database`);
}

/** The keys of all objects in the object store. */
export function storedObjects(stateDir: string): string[] {
  const keys: string[] = [];
  for (const database of databasesOf(stateDir, "r2", true)) {
    for (const { key } of database.prepare("SELECT key FROM _mf_objects").all()) keys.push(String(key));
  }
  return keys;
}

/** The videos that lie on the backend's disk now. */
export function backendVideos(stateDir: string): string[] {
  const folder = join(stateDir, "backend/videos");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Everything that both services have logged. */
export function allLogs(stateDir: string): string {
  const folder = join(stateDir, "logs");
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

export function signingSecret(stateDir: string): string {
  return JSON.parse(readFileSync(join(stateDir, "secrets.json"), "utf8")).signingSecret;
}
