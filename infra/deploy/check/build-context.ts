// The files that `docker build` would see: all of git's, less what .dockerignore leaves out.

import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, statSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import type { Dockerfile } from "./dockerfile.ts";

function isIgnored(path: string, rules: string[]): boolean {
  // A rule that hits a folder hits all below it; of all rules that hit, the last one counts.
  const prefixes = path.split("/").map((_, i, parts) => parts.slice(0, i + 1).join("/"));
  let ignored = false;
  for (const rule of rules) {
    const pattern = rule.replace(/^!/, "");
    if (pattern === "**" || prefixes.some((prefix) => matchesGlob(prefix, pattern)))
      ignored = !rule.startsWith("!");
  }
  return ignored;
}

function buildContext(root: string): string[] {
  const rules = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const listed = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listed, { cwd: root, encoding: "utf8" }).trim().split("\n");
  return files.filter((path) => !isIgnored(path, rules));
}

/** Does what the COPY lines say, into `folder`. Throws where one of them finds nothing. */
export function copyContext(root: string, { copies }: Dockerfile, folder: string): void {
  const context = buildContext(root);
  for (const { from, to } of copies)
    for (const source of from) {
      const below = context.filter((path) => path === source || path.startsWith(`${source}/`));
      if (below.length === 0) throw new Error(`COPY ${source}: the build context has no such file`);
      for (const path of below) {
        const isFile = path === source;
        const name = isFile ? (path.split("/").at(-1) as string) : path.slice(source.length + 1);
        const target = isFile && !to.endsWith("/") ? join(folder, to) : join(folder, to, name);
        if (statSync(join(root, path)).isFile()) cpSync(join(root, path), target, { recursive: true });
      }
    }
}
