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
