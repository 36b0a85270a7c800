// `npm run release`: one version for all packages, from what the changesets say. Raises every manifest and the lock,
// moves the changesets' lines into CHANGELOG.md and says what to commit and tag; it commits and publishes nothing.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { changelogWith, summaryOf } from "./changelog.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, ".changeset");
const changesets = readdirSync(folder)
  .filter((name) => name.endsWith(".md") && name !== "README.md")
  .sort();

if (changesets.length === 0) {
  console.error("There is nothing to release: no changeset in .changeset/ (npm run changeset makes one).");
  process.exitCode = 1;
} else await release();

async function release(): Promise<void> {
  const lines = changesets.map((name) => summaryOf(readFileSync(join(folder, name), "utf8")));
  const show = { cwd: root, stdio: "inherit" } as const;
  await execa(join(root, "node_modules/.bin/changeset"), ["version"], show);
  const { version } = JSON.parse(readFileSync(join(root, "shared/package.json"), "utf8"));
  // The root is no workspace, and so none of changesets' packages.
  await execa("npm", ["pkg", "set", `version=${version}`], show);
  await execa("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], show);
  const changelog = join(root, "CHANGELOG.md");
  writeFileSync(changelog, changelogWith(readFileSync(changelog, "utf8"), version, lines));
  console.log(`Version ${version}. Read CHANGELOG.md, then:
  git commit -am 'release: ${version}' && git tag -a v${version} -m v${version}`);
}
