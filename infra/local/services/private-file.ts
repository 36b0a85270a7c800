import { chmodSync, renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read, whole or not at all, also over one that was readable to all. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  // The mode above counts only for a new file.
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}
