import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const named = [...read("docs/conformance.md").matchAll(/\| `([^`]+\.test\.ts)` "([^"]+)" \|/g)];

it("the conformance table names a test for each of its rules", () => {
  const rows = read("docs/conformance.md").split("\n");
  const rules = rows.filter((row) => row.startsWith("| ") && !row.startsWith("| rule "));
  expect(named).toHaveLength(rules.length);
  expect(named.length).toBeGreaterThan(40);
});

it.each(named.map(([, file, title]) => [file as string, title as string]))("%s has “%s”", (file, title) => {
  expect(read(file)).toContain(title);
});
