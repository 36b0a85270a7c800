// Every relative link, anchor and source path in the Markdown files leads somewhere, so that a page cannot name what
// was moved.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { expect, it } from "vitest";
import { codeSpans, headingAnchors, relativeLinks, repositoryFiles } from "./markdown.ts";

const root = resolve(import.meta.dirname, "../..");
const files = repositoryFiles(root);
const names = new Set(files.map((file) => basename(file)));
const tops = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]!));
const pages = files
  .filter((file) => file.endsWith(".md"))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

const SOURCE = /[\w-]\.(ts|tsx|mjs|mts|sh|py|sql|onnx|toml|cfg|ya?ml|md|json|Dockerfile)$/;
/** Nothing that a reader fills in, and no address, address of an object, or command. */
const isPath = (span: string) => /^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(span) && !/[A-Z]{4,}[./-]/.test(span);

function isMissing(span: string, folder: string): boolean {
  const inPlace = [root, join(root, folder)].some((base) => existsSync(join(base, span)));
  if (inPlace) return false;
  if (span.includes("/")) return tops.has(span.split("/")[0]!) || SOURCE.test(span);
  return SOURCE.test(span) && !span.endsWith(".json") && !names.has(span);
}

it("finds the pages", () => {
  expect(pages.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/README.md", "docs/decisions/README.md"]),
  );
});

it("every relative link leads to a file, and its anchor to a heading", () => {
  const broken = pages.flatMap(({ file, text }) =>
    relativeLinks(text)
      .filter(({ path, anchor }) => {
        const target = path === "" ? join(root, file) : resolve(root, dirname(file), path);
        if (!existsSync(target)) return true;
        return anchor !== "" && !headingAnchors(readFileSync(target, "utf8")).has(anchor);
      })
      .map(({ path, anchor }) => `${file}: ${path}${anchor && `#${anchor}`}`),
  );
  expect(broken).toEqual([]);
});

it("every source path in a code span exists", () => {
  const missing = pages.flatMap(({ file, text }) =>
    codeSpans(text)
      .filter((span) => isPath(span) && isMissing(span, dirname(file)))
      .map((span) => `${file}: ${span}`),
  );
  expect(missing).toEqual([]);
});

it("the index of decisions has every decision with its title", () => {
  const index = pages.find(({ file }) => file === "docs/decisions/README.md")!.text;
  const decisions = pages.filter(({ file }) => /^docs\/decisions\/\d{4}-/.test(file));
  expect(decisions.length).toBeGreaterThan(40);
  for (const { file, text } of decisions)
    expect(index).toContain(`- [${/^# (.+)$/m.exec(text)?.[1]}](${basename(file)})\n`);
});
