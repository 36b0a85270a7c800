// Small videos for tests, made by ffmpeg once and kept in the temporary folder: a clip's name is the hash of what
// made it, so that test files and runs share them.

import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const MAKING_TIMEOUT_MS = 50_000;
const FOLDER = join(tmpdir(), `twinframe-clips-${userInfo().uid}`);

export interface ClipSpec {
  /** A lavfi source that takes size and rate. */
  picture?: "testsrc2" | "mandelbrot" | "life" | "smptebars" | "cellauto" | (string & {});
  size?: string;
  framesPerSecond?: number;
  durationS?: number;
  /** Adds a tone. */
  sound?: boolean;
  /** Filters on the picture, such as `hflip`. */
  filter?: string;
  /** Decides the container: mp4, mkv, webm, ts, avi, flv, mov … */
  extension?: string;
  /** Encoder options; H.264 when absent. */
  encode?: string[];
}

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

/** The path of a made clip; 320 × 240, 25 frames a second, 3 s, silent, H.264 in MP4 unless told otherwise. */
export function clip(spec: ClipSpec = {}): Promise<string> {
  const { picture = "testsrc2", size = "320x240", framesPerSecond = 25, durationS = 3 } = spec;
  const source = `${picture}${picture.includes("=") ? ":" : "="}size=${size}:rate=${framesPerSecond}`;
  // The sources are endless: they are limited where they are read, as a filter may hold back what it gets.
  const input = ["-t", String(durationS), "-f", "lavfi", "-i"];
  return madeBy(spec.extension ?? "mp4", [
    ...[...input, source],
    ...(spec.sound ? [...input, "sine=frequency=440:sample_rate=44100"] : []),
    ...(spec.filter === undefined ? [] : ["-vf", spec.filter]),
    ...(spec.encode ?? H264),
  ]);
}

/** The same coded streams in another container, or with other options. */
export function remuxed(file: string, extension: string, options: string[] = []): Promise<string> {
  return madeBy(extension, ["-i", file, "-map", "0", "-c", "copy", ...options]);
}

/** What ffmpeg makes of these arguments, the output's name left out. */
export async function madeBy(extension: string, ffmpegArguments: string[]): Promise<string> {
  const key = createHash("sha256").update(JSON.stringify(ffmpegArguments)).digest("hex").slice(0, 24);
  const file = join(FOLDER, `${key}.${extension}`);
  if (await exists(file)) return file;
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  // Under another name until it is whole: test files run at the same time.
  const draft = join(FOLDER, `${randomUUID()}.${extension}`);
  await run("ffmpeg", ["-nostdin", "-v", "error", ...ffmpegArguments, "-y", draft], {
    timeout: MAKING_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  await rename(draft, file);
  return file;
}

/** The first part of a file, as a broken transfer leaves it. `share` is between 0 and 1. */
export async function cutFile(file: string, share: number, folder: string): Promise<string> {
  const bytes = await readFile(file);
  const cut = join(folder, `cut-${share}-${basename(file)}`);
  await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * share)));
  return cut;
}

/** A folder of one test file, removed by its own disposal. */
export async function scratchFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "twinframe-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A file of a given content in a folder; gives its path. */
export async function fileOf(folder: string, name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
