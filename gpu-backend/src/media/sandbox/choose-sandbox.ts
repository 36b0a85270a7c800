// Which walls stand around ffmpeg on this machine: the strongest level in which ffmpeg runs, found by running it.

import { execFile } from "node:child_process";
import { LIMITED_TOOL_PATH } from "./launch.ts";
import { type Level, levels, WEAKEST } from "./levels.ts";

export const SANDBOX_MODES = ["auto", "required", "off"] as const;
/** `required`: bubblewrap with its filter or no start; `off`: resource limits alone. */
export type SandboxMode = (typeof SANDBOX_MODES)[number];

export interface Sandbox extends Level {
  /** Why it is not a stronger one; null where there is none. */
  reason: string | null;
}

const TRY_MS = 10_000;
const TRY_LIMITS = { cpuS: 10, dataBytes: 512 * 1024 ** 2 };
const MOST_OF_A_REASON = 200;

/** Throws with what to do where `required` cannot be had. `gpu`: decoding on a GPU has to work in it as well. */
export async function chooseSandbox(mode: SandboxMode, gpu = false): Promise<Sandbox> {
  if (mode === "off") return { ...WEAKEST, reason: "TWINFRAME_MEDIA_SANDBOX is off" };
  const reasons: string[] = [];
  for (const level of levels()) {
    const fault = (await faultOf(level, false)) ?? (gpu ? await faultOf(level, true) : null);
    if (fault !== null) {
      reasons.push(`${level.name}: ${fault}`);
      continue;
    }
    const isBox = level.level === "bubblewrap";
    if (mode === "required" && !isBox) break;
    return { ...level, reason: isBox ? null : reasons.join("; ") || "bubblewrap runs on Linux only" };
  }
  throw new Error(
    mode === "required"
      ? `TWINFRAME_MEDIA_SANDBOX is "required", but ffmpeg does not run in bubblewrap here (${reasons.join("; ")}). Install bubblewrap and allow user namespaces (docs/deployment.md, "ffmpeg sandbox in containers"), or set TWINFRAME_MEDIA_SANDBOX=auto to do with less`
      : `ffmpeg cannot be run (${reasons.join("; ")}). Install ffmpeg, or give its place as FFMPEG_PATH`,
  );
}

/** Runs ffmpeg's `-version` at the level; null when that works. */
function faultOf(level: Level, gpu: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    try {
      // The file is not read: it stands for the input.
      const launch = level.arguments({ tool: "ffmpeg", file: LIMITED_TOOL_PATH, gpu, ...TRY_LIMITS });
      const options = { timeout: TRY_MS, killSignal: "SIGKILL" as const };
      execFile(LIMITED_TOOL_PATH, [...launch, "-version"], options, (error, stdout, stderr) => {
        if (error === null && stdout.includes("version")) resolve(null);
        else resolve(lastLine(stderr) ?? error?.message.split("\n")[0] ?? "it printed nothing");
      });
    } catch (error) {
      resolve((error as Error).message);
    }
  });
}

const lastLine = (text: string) => text.trim().split("\n").at(-1)?.slice(0, MOST_OF_A_REASON) || null;

let byItself: Promise<Sandbox> | undefined;

/** The one that this process found for itself, where none was given to it. */
export function sandboxByDefault(): Promise<Sandbox> {
  byItself ??= chooseSandbox("auto");
  return byItself;
}
