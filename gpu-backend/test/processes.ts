// Processes of this machine, by what they were started with.

import { readdir, readFile } from "node:fs/promises";

/** Command lines of all processes that have this word among their arguments; zombies have none. */
export async function processesWith(word: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines
    .map((line) => line.split("\0"))
    .filter((words) => words.includes(word))
    .map((words) => words.join(" "));
}
