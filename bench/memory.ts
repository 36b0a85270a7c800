// Peak resident memory of running programs, read from /proc a few times a second (Linux).

import { readdirSync, readFileSync } from "node:fs";

interface Process {
  pid: number;
  parent: number;
  name: string;
  residentBytes: number;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const status = readFileSync(`/proc/${name}/status`, "utf8");
        const field = (key: string) => status.match(new RegExp(`^${key}:\\s+(\\S+)`, "m"))?.[1] ?? "0";
        return [
          {
            pid: Number(name),
            parent: Number(field("PPid")),
            name: field("Name"),
            residentBytes: 1024 * Number(field("VmRSS")),
          },
        ];
      } catch {
        return []; // it ended while we looked
      }
    });
}

/** Resident bytes by program name of the processes below `roots`, the roots included. */
function residentBelow(roots: readonly number[]): Map<string, number> {
  const all = processes();
  const inside = new Set(roots);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, parent } of all)
      if (inside.has(parent) && !inside.has(pid)) {
        inside.add(pid);
        grew = true;
      }
  }
  const bytes = new Map<string, number>();
  for (const { pid, name, residentBytes } of all)
    if (inside.has(pid)) bytes.set(name, (bytes.get(name) ?? 0) + residentBytes);
  return bytes;
}

/** Watches until stopped; gives the greatest sum by program name. */
export function watchMemory(roots: readonly number[], everyMs = 100): { stop(): Map<string, number> } {
  const peak = new Map<string, number>();
  const look = () => {
    for (const [name, bytes] of residentBelow(roots)) peak.set(name, Math.max(bytes, peak.get(name) ?? 0));
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}
