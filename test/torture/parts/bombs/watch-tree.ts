// Memory of a process and all that it has started, sampled from /proc.

import { readdirSync, readFileSync } from "node:fs";

const EVERY_MS = 30;
const KIBIBYTE = 1024;

/** Watches until stopped; gives the greatest sum of resident bytes. */
export function watchTree(root: number): { stop(): number } {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, residentBelow(root));
  };
  look();
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/** Of a child its own peak counts as long as it lives, so that little is missed between two looks. */
function residentBelow(root: number): number {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? processOf(Number(name)) : []));
  const inside = new Set([root]);
  for (let grew = true; grew; ) {
    const found = all.filter(({ pid, parent }) => inside.has(parent) && !inside.has(pid));
    for (const { pid } of found) inside.add(pid);
    grew = found.length > 0;
  }
  const inTree = all.filter(({ pid }) => inside.has(pid));
  return inTree.reduce((sum, { pid, nowBytes, peakBytes }) => sum + (pid === root ? nowBytes : peakBytes), 0);
}

function processOf(pid: number) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return [
      {
        pid,
        parent: field("PPid"),
        nowBytes: field("VmRSS") * KIBIBYTE,
        peakBytes: field("VmHWM") * KIBIBYTE,
      },
    ];
  } catch {
    // It ended while we looked.
    return [];
  }
}
