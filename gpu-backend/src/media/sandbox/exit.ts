// The exit of a sandboxed process: bubblewrap reports a signal as the exit code 128 + its number, as shells do.

import { constants } from "node:os";

const NAMES = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);
const SIGNALLED = 128;
const LAST_SIGNAL = 64;

export interface Exit {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

/** ffmpeg's own codes are below 128, or 255. */
export function exitOf(exitCode: number | null, signal: NodeJS.Signals | null): Exit {
  if (exitCode === null || exitCode <= SIGNALLED || exitCode > SIGNALLED + LAST_SIGNAL)
    return { exitCode, signal };
  const named = NAMES.get(exitCode - SIGNALLED);
  return named === undefined ? { exitCode, signal } : { exitCode: null, signal: named };
}
