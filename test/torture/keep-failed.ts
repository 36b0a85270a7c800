// What failed is kept: the files of the case, and the command that replays it.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { CaseResult } from "./part.ts";

export const replayCommand = (part: string, seed: number, index: number) =>
  `npm run torture -- --part ${part} --seed ${seed} --case ${index}`;

/** Returns the folder. */
export function keepFailed(
  root: string,
  failed: { part: string; seed: number; index: number; result: CaseResult },
): string {
  const { part, seed, index, result } = failed;
  const folder = join(root, "failed", `${part}-${index}`);
  mkdirSync(folder, { recursive: true });
  const command = replayCommand(part, seed, index);
  writeFileSync(join(folder, "replay.txt"), `${command}\n\n${result.kind}: ${result.detail ?? ""}\n`);
  for (const file of result.keep ?? []) {
    try {
      cpSync(file, join(folder, basename(file)), { recursive: true });
    } catch {
      // It may not have come to be; the command makes it again.
    }
  }
  return folder;
}
