// Brings the edge's local D1 up to the migrations in the repository.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ExecaError, execa } from "execa";
import { childEnvironment } from "./child-environment.ts";
import { edgeStorage, wranglerEnvironment } from "./edge-service.ts";

const script = fileURLToPath(new URL("./apply-migrations.ts", import.meta.url));

/** Costs about 1.3 s when there is something to do, and nothing when the folder has it all already. */
export async function migrate(root: string, stateDir: string): Promise<void> {
  const storage = edgeStorage(stateDir);
  // Inside the storage: whoever removes the database removes the stamp too.
  const stampFile = join(storage, "migrations.sha256");
  const stamp = hashOfMigrations(root);
  if (readText(stampFile) === stamp) return;
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  try {
    // A process of its own: wrangler's library takes 200 MB that we would never get back.
    await execa(process.execPath, [script, root, storage], {
      cwd: root,
      env: childEnvironment(wranglerEnvironment(stateDir)),
      extendEnv: false,
      timeout: 60_000,
    });
  } catch (error) {
    const { stderr, message } = error as ExecaError<{ encoding: "utf8" }>;
    throw new Error(`The edge's database could not be prepared:\n${stderr?.trim() || message}`);
  }
  writeFileSync(stampFile, stamp);
}

/** wrangler.toml says which database they go to. */
function hashOfMigrations(root: string): string {
  const folder = join(root, "edge/migrations");
  const files = [
    join(root, "wrangler.toml"),
    ...readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  ];
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
