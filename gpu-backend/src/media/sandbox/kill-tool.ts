import type { ChildProcess } from "node:child_process";

/**
 * Kills a started tool and all that it has started. Its process alone is not enough: bubblewrap ties the process in
 * the box to its own end only after it has made it, and one that is left in between waits for ever with the pipes open.
 */
export function killTool(child: Pick<ChildProcess, "pid" | "kill">): void {
  if (child.pid !== undefined) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // No group of its own yet: the launcher script has not begun, or all is over.
    }
  }
  child.kill("SIGKILL");
}
