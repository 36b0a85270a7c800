// Every setting that the programs read is in the docs.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const docs = read("docs/operation.md") + read("docs/deployment.md");
const namesIn = (path: string, pattern: RegExp) => [...read(path).matchAll(pattern)].map(([, name]) => name!);

test.each([
  ["gpu-backend/src/config.ts", /^ {2}(TWINFRAME_[A-Z0-9_]+):/gm],
  ["gpu-backend/src/secret-files.ts", /^ {2}"([A-Z0-9_]+)",/gm],
  ["edge/src/platform/settings.ts", /^ {2}([A-Z][A-Z0-9_]+): (?!D1|R2|KV|Queue|Durable)/gm],
])("of %s", (path, pattern) => {
  const names = namesIn(path, pattern);
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

test("every secret that a deployment asks for says how it is made", () => {
  const table = docs.slice(docs.indexOf("## Secrets"), docs.indexOf("## The edge"));
  const required = namesIn("wrangler.toml", /^required = \[(.*)\]$/gm).flatMap((list) =>
    [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name!),
  );
  const files = namesIn("docker-compose.yml", /\/([a-z0-9_]+)" \}$/gm);
  expect([required.length, files.length]).toEqual([10, 6]);
  for (const name of [...required, ...files]) expect(table).toContain(`\`${name}\``);
});
