// A service writes straight into its file, so that nothing is lost when we die before it.

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { stripVTControlCharacters } from "node:util";

const ROTATE_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/** Opens the file for appending; a long one of earlier runs is put aside once, as `.1`. */
export function openLog(path: string): { fd: number; startsAt: number } {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > ROTATE_BYTES) renameSync(path, `${path}.1`);
  const fd = openSync(path, "a", 0o600);
  return { fd, startsAt: fstatSync(fd).size };
}

/** The last lines that were written after `startsAt`. */
export function logTail(path: string, startsAt: number, lines = 15): string {
  const fd = openSync(path, "r");
  try {
    const end = fstatSync(fd).size;
    const from = Math.max(startsAt, end - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, end - from));
    readSync(fd, bytes, 0, bytes.length, from);
    return stripVTControlCharacters(bytes.toString("utf8")).trimEnd().split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(fd);
  }
}
