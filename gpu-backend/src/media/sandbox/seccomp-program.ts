import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seccompFilter } from "./seccomp-filter.ts";
import type { Architecture } from "./syscalls.ts";

const programs = new Map<boolean, string>();

/**
 * A path at which child processes can open the program as long as this process lives. Its file is deleted at once, so
 * that nobody can change it and nothing is left behind: the path is that of the descriptor, which stays open.
 * Throws where no program is known for the machine's architecture.
 */
export function seccompProgram(gpu: boolean): string {
  const known = programs.get(gpu);
  if (known !== undefined) return known;
  if (process.arch !== "x64" && process.arch !== "arm64")
    throw new Error(`there is no seccomp filter for ${process.arch}`);
  const folder = mkdtempSync(join(tmpdir(), "twinframe-filter-"));
  try {
    const file = join(folder, "program");
    writeFileSync(file, seccompFilter(process.arch satisfies Architecture, gpu));
    const path = `/proc/${process.pid}/fd/${openSync(file, "r")}`;
    programs.set(gpu, path);
    return path;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
