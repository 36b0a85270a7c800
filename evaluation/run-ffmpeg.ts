import { type ExecaError, execa } from "execa";

/** Runs ffmpeg on files of our own making; throws with its words when it fails. */
export async function runFfmpeg(args: string[]): Promise<void> {
  try {
    await execa("ffmpeg", args);
  } catch (error) {
    const { stderr, shortMessage } = error as ExecaError<{ encoding: "utf8" }>;
    throw new Error(`ffmpeg ${args.join(" ")}\n${stderr || shortMessage}`);
  }
}

/** Seconds that a file says it lasts; 0 when it says nothing. */
export async function durationOf(file: string): Promise<number> {
  const args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file];
  const { stdout } = await execa("ffprobe", args);
  return Number.parseFloat(stdout) || 0;
}
