import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs ffmpeg on files of our own making; throws with its words when it fails. */
export async function runFfmpeg(args: string[]): Promise<void> {
  try {
    await run("ffmpeg", args, { maxBuffer: 1 << 20 });
  } catch (error) {
    throw new Error(`ffmpeg ${args.join(" ")}\n${(error as { stderr?: string }).stderr ?? String(error)}`);
  }
}

/** Seconds that a file says it lasts; 0 when it says nothing. */
export async function durationOf(file: string): Promise<number> {
  const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  const { stdout } = await run("ffprobe", args);
  return Number.parseFloat(stdout) || 0;
}
