// File descriptors that this process has inherited, and would pass on to ffmpeg.

import { closeSync, readdirSync, readFileSync } from "node:fs";

const FIRST_BEYOND_STANDARD = 3;
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Closes what was open before this program began: everything that Node opens itself is closed in its children
 * (O_CLOEXEC), so what is not has been inherited. To be called once, at the start. Linux only; nothing elsewhere.
 */
export function closeInheritedDescriptors(): void {
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc/self/fdinfo")) {
    const descriptor = Number(name);
    if (descriptor < FIRST_BEYOND_STANDARD) continue;
    try {
      const [, flags = "0"] =
        /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "utf8")) ?? [];
      if ((Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) closeSync(descriptor);
    } catch {
      // The one by which the folder was listed.
    }
  }
}
