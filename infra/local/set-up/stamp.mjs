// What set-up has found or made, kept beside the packages: whoever removes node_modules removes it too.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const fileIn = (root) => join(root, "node_modules", ".twinframe-set-up");

export function readStamp(root) {
  try {
    return JSON.parse(readFileSync(fileIn(root), "utf8"));
  } catch {
    return {};
  }
}

export function writeStamp(root, change) {
  const file = fileIn(root);
  // Without a single package npm makes no folder.
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...readStamp(root), ...change }));
  renameSync(draft, file);
}
