// The locked packages, Node 24 among them.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runQuietly } from "./command.mjs";
import { errorForUser, withProgress } from "./progress.mjs";

/** Changes with the lock file, and with the machine when a folder is shared between two kinds. */
export function dependenciesStamp(root) {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${process.platform}-${process.arch}-${hash}`;
}

export async function installDependencies(root) {
  // `npm ci` removes node_modules first. npm itself must not run on the Node that lies there.
  const bin = join(root, "node_modules", ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== bin);
  // dev and optional are asked for by name: NODE_ENV=production or an .npmrc would leave them out.
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  const { code, output } = await withProgress("Installing the locked packages (900 MB on disk)", () =>
    runQuietly("npm", args, { cwd: root, env: { ...process.env, PATH: path.join(delimiter) } }),
  );
  if (code === 0) return;
  throw errorForUser(
    `${output.trim()}\n\nnpm ci failed (see above). Check the network, then run the command again.`,
  );
}
