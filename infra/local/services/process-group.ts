// All that a service has started: wrangler runs workerd and esbuild, the backend runs ffmpeg. Each service
// leads a process group of its own, so that stopping it leaves nothing behind.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody is left in the group.
  }
}

/** Those of the group that still run. The dead whom nobody has collected yet do not count. */
export function groupMembers(leader: number): number[] {
  return process.platform === "linux" ? membersFromProc(leader) : membersFromPs(leader);
}

function membersFromProc(leader: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(group) === leader && state !== "Z" && state !== "X";
      } catch {
        return false;
      }
    })
    .map(Number);
}

function membersFromPs(leader: number): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, group, state]) => Number(group) === leader && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}
