// One process at a time: a file that names its owner. Plain JavaScript, since set-up runs it on any Node.

import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// An owner writes its name right after it makes the file; an empty one that is older was left by a crash.
const HALF_MADE_MS = 2_000;

/**
 * When a process began, as its system tells it; null when there is none. A pid alone proves nothing: after a
 * reboot, or in a container, the same number soon belongs to someone else.
 */
function processStart(pid) {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? null : fields[19];
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
    return "unknown";
  } catch (error) {
    return error.code === "EPERM" ? "unknown" : null;
  }
}

/** Takes the lock, or says which process has it: `{ release }` or `{ heldBy }`. */
export async function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const me = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  for (;;) {
    try {
      writeFileSync(path, me, { flag: "wx", mode: 0o600 });
      return { release: () => releaseIfMine(path, me) };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const heldBy = livingOwner(path);
    if (typeof heldBy === "number") return { heldBy };
    if (heldBy === null) removeStale(path);
    await sleep(20);
  }
}

/** The owner's pid; null when it is gone; undefined while that cannot be told yet. */
function livingOwner(path) {
  let owner;
  try {
    owner = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    const age = ageMs(path);
    return age !== null && age > HALF_MADE_MS ? null : undefined;
  }
  return processStart(owner.pid) === owner.start ? owner.pid : null;
}

/** Of several that find the owner gone only one may remove the file, or it would remove the next owner's. */
function removeStale(path) {
  const takeover = `${path}.takeover`;
  try {
    mkdirSync(takeover);
  } catch {
    const age = ageMs(takeover);
    if (age !== null && age > HALF_MADE_MS) rmSync(takeover, { recursive: true, force: true });
    return;
  }
  try {
    if (livingOwner(path) === null) rmSync(path, { force: true });
  } finally {
    rmdirSync(takeover);
  }
}

function releaseIfMine(path, me) {
  try {
    if (readFileSync(path, "utf8") === me) rmSync(path, { force: true });
  } catch {
    // The folder is gone, and the lock with it.
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return null;
  }
}
