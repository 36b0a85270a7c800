// What the tests of the documentation read out of Markdown: links, code spans, anchors of headings.

import { readdirSync } from "node:fs";

/** Installed, built or kept by a program. */
const IGNORED = [
  "node_modules",
  ".git",
  ".twinframe",
  ".wrangler",
  ".venv",
  "__pycache__",
  ".schemathesis",
  "dist",
];

/** Paths of all files below the folder, with slashes. */
export function repositoryFiles(root: string, folder = ""): string[] {
  return readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED.includes(entry.name)) return [];
    return entry.isDirectory() ? repositoryFiles(root, path) : [path];
  });
}

const withoutFences = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, "");

/** Targets of links and pictures that are no addresses; `path` is "" for an anchor in the same page. */
export function relativeLinks(text: string): { path: string; anchor: string }[] {
  return [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor = ""] = target.split("#");
      return { path, anchor };
    });
}

export function codeSpans(text: string): string[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
}

/** The anchors that GitHub gives headings: lower case, without punctuation, hyphens for spaces. */
export function headingAnchors(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
