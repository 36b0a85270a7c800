// What the services keep on disk, read or prepared from outside.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const storage = (stateDir: string, kind: string) => join(stateDir, "edge/v3", kind);

/** So long the edge may be in the middle of a write. */
const LOCKED_MS = 5000;

/** Each database of one of workerd's simulated services. */
function* databasesOf(stateDir: string, kind: "d1" | "r2", readOnly: boolean) {
  for (const folder of readdirSync(storage(stateDir, kind), { withFileTypes: true, recursive: true })) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(folder.name)) continue;
    const database = new DatabaseSync(join(folder.parentPath, folder.name), { readOnly, timeout: LOCKED_MS });
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

/** Reads the edge's D1 database, also while the edge runs. */
export function readDatabase<Row>(stateDir: string, sql: string, ...values: (string | null)[]): Row[] {
  for (const database of databasesOf(stateDir, "d1", true)) {
    return database.prepare(sql).all(...values) as Row[];
  }
  return [];
}

/** Makes all objects of the object store so much older; only while the edge does not run. */
export function ageObjects(stateDir: string, ms: number): void {
  for (const database of databasesOf(stateDir, "r2", false)) {
    database.prepare("UPDATE _mf_objects SET uploaded = uploaded - ?").run(ms);
  }
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

/** How long each of them is now. */
export const backendVideoSizes = (stateDir: string): number[] =>
  backendVideos(stateDir).map(
    (name) => statSync(join(stateDir, "backend/videos", name), { throwIfNoEntry: false })?.size ?? 0,
  );

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
