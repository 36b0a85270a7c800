// The rules of imports.biome.jsonc refuse what they are for. A pattern that matches nothing would pass unseen.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

const REFUSED: Record<string, string> = {
  "edge/src/platform/a.ts": "../auth/places.ts",
  "edge/src/platform/http/a.ts": "../../checks/index.ts",
  "edge/src/platform/openapi/a.ts": "../../openapi.ts",
  "edge/src/backend-client/a.ts": "../ingest/s3-address.ts",
  "edge/src/backend-client/store/a.ts": "../../references/index.ts",
  "edge/src/ingest/a.ts": "../uploads/index.ts",
  "edge/src/idempotency/a.ts": "../auth/caller.ts",
  "edge/src/auth/store/a.ts": "../../maintenance/index.ts",
  "edge/src/checks/store/a.ts": "../../references/store/references.ts",
  "edge/src/checks/b.ts": "../references/add.ts",
  "edge/src/search/a.ts": "../worker/consume.ts",
  "edge/src/compat/a.ts": "../../../gpu-backend/src/app.ts",
  "edge/src/worker/a.ts": "../checks/resume.ts",
  "gpu-backend/src/media/a.ts": "../pipeline/analyse.ts",
  "gpu-backend/src/index/qdrant/a.ts": "../../work/task-registry.ts",
  "gpu-backend/src/work/a.ts": "../pipeline/analyse.ts",
  "gpu-backend/src/pipeline/a.ts": "../routes/health.ts",
  "shared/src/contract/a.ts": "@twinframe/edge",
  "shared/src/b.ts": "../../gpu-backend/src/app.ts",
};
const ALLOWED: Record<string, string> = {
  "edge/src/checks/c.ts": "../references/index.ts",
  "edge/src/checks/d.ts": "./exact-match/look-up.ts",
  "edge/src/checks/e.test.ts": "../references/add.ts",
  "edge/src/auth/b.ts": "../ingest/sniff.ts",
  "edge/src/worker/b.ts": "../checks/index.ts",
  "edge/src/app.ts": "./checks/routes.ts",
  "gpu-backend/src/routes/a.ts": "../pipeline/analyse.ts",
  "gpu-backend/src/pipeline/b.ts": "../media/probe.ts",
};

interface Report {
  diagnostics: { category: string; location: { path: string } }[];
}

/** The files in which each rule finds something. */
function lint(files: Record<string, string>): Record<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), "import-rules-"));
  try {
    for (const name of ["biome.json", "imports.biome.jsonc"])
      copyFileSync(join(root, name), join(folder, name));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const rules = ["--only=style/noRestrictedImports", "--only=suspicious/noImportCycles"];
    const args = ["lint", "--vcs-enabled=false", "--reporter=json", "--max-diagnostics=none", ...rules, "."];
    const { stdout } = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: "utf8" });
    const found: Record<string, string[]> = {};
    for (const { category, location } of (JSON.parse(stdout) as Report).diagnostics) {
      const rule = category.split("/").at(-1)!;
      found[rule] = [...new Set([...(found[rule] ?? []), location.path])].sort();
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("imports against the direction of the layers, past a door, and in a circle of types are refused", () => {
  const importing = (paths: Record<string, string>) =>
    Object.fromEntries(Object.entries(paths).map(([path, target]) => [path, `import "${target}";\n`]));
  const circle = {
    "edge/src/health/one.ts": 'import type { Two } from "./two.ts";\nexport interface One { two: Two }\n',
    "edge/src/health/two.ts": 'import type { One } from "./one.ts";\nexport interface Two { one: One }\n',
  };
  expect(lint({ ...importing(REFUSED), ...importing(ALLOWED), ...circle })).toEqual({
    noRestrictedImports: Object.keys(REFUSED).sort(),
    noImportCycles: Object.keys(circle),
  });
});
