// Memory and CPU time of a process as Linux tells them.

import { readFileSync } from "node:fs";

/** Of the clock in /proc/PID/stat: USER_HZ, 100 on every usual Linux. */
const TICK_MS = 10;

export function residentBytes(pid: number | "self"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(status.match(/^VmRSS:\s+(\d+)/m)?.[1] ?? 0);
}

/** CPU time that all threads of a process have taken. */
export function cpuTimeMs(pid: number | "self"): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}
