// The rules of imports.biome.jsonc refuse what they are for. A pattern that matches nothing would pass unseen.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");

/** By folder: what no file of it may import. Each is written into a file of its own. */
const REFUSED: Record<string, string[]> = {
  "edge/src/platform": ["../auth/a.ts", "../idempotency/a.ts", "../ingest/a.ts", "../backend-client/a.ts"],
  "edge/src/platform/http": [
    "../../checks/index.ts",
    "../../worker/a.ts",
    "../../app.ts",
    "../../openapi.ts",
  ],
  "edge/src/backend-client": ["../auth/a.ts", "../idempotency/a.ts", "../ingest/a.ts", "../worker/a.ts"],
  "edge/src/backend-client/store": ["../../references/index.ts"],
  "edge/src/ingest": ["../auth/a.ts", "../idempotency/a.ts", "../uploads/index.ts", "../worker/a.ts"],
  "edge/src/idempotency": ["../auth/a.ts", "../checks/index.ts", "../worker/a.ts"],
  "edge/src/auth/store": ["../../maintenance/index.ts", "../../worker/a.ts"],
  "edge/src/checks": [
    "../references/add.ts",
    "../worker/a.ts",
    "../app.ts",
    "../../../gpu-backend/src/app.ts",
  ],
  "edge/src/checks/store": ["../../references/store/references.ts"],
  "edge/src/worker": ["../checks/resume.ts", "../app.ts"],
  "gpu-backend/src/media": ["../pipeline/a.ts", "../routes/a.ts", "../plugins/a.ts", "../compose.ts"],
  "gpu-backend/src/index/qdrant": [
    "../../work/task-registry.ts",
    "../../generations/a.ts",
    "@twinframe/edge",
  ],
  "gpu-backend/src/work": ["../pipeline/a.ts", "../plugins/a.ts", "../maintenance/a.ts"],
  "gpu-backend/src/pipeline": ["../routes/a.ts", "../plugins/a.ts", "../app.ts"],
  "shared/src": ["@twinframe/edge", "../../gpu-backend/src/app.ts", "../../edge/src/app.ts"],
};
const ALLOWED: Record<string, string[]> = {
  "edge/src": ["./checks/routes.ts", "./worker/consume.ts"],
  "edge/src/checks": [
    "../references/index.ts",
    "./exact-match/look-up.ts",
    "../auth/a.ts",
    "../platform/env.ts",
  ],
  "edge/src/auth": ["../idempotency/a.ts", "../ingest/a.ts", "../backend-client/a.ts"],
  "edge/src/worker": ["../checks/index.ts", "../auth/places.ts"],
  "gpu-backend/src/routes": ["../pipeline/a.ts", "../work/a.ts"],
  "gpu-backend/src/pipeline": ["../media/a.ts", "../work/a.ts"],
  "gpu-backend/src/index": ["../work/keyed-mutex.ts"],
};
const IN_TESTS = { "edge/src/checks": ["../references/add.ts"] };

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

/** A file for each import, named by it. */
const importing = (folders: Record<string, string[]>, ending = ".ts"): Record<string, string> =>
  Object.fromEntries(
    Object.entries(folders).flatMap(([folder, targets]) =>
      targets.map((target) => {
        const name = target.replace(/\.ts$/, "").replaceAll(/[^a-z]+/g, "-");
        return [`${folder}/imports${name}${ending}`, `import "${target}";\n`];
      }),
    ),
  );

test("imports against the direction of the layers, past a door, and in a circle of types are refused", () => {
  const refused = importing(REFUSED);
  const circle = {
    "edge/src/health/one.ts": 'import type { Two } from "./two.ts";\nexport interface One { two: Two }\n',
    "edge/src/health/two.ts": 'import type { One } from "./one.ts";\nexport interface Two { one: One }\n',
  };
  const files = { ...refused, ...importing(ALLOWED), ...importing(IN_TESTS, ".test.ts"), ...circle };
  expect(lint(files)).toEqual({
    noRestrictedImports: Object.keys(refused).sort(),
    noImportCycles: Object.keys(circle),
  });
});
