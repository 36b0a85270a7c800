// How one ffmpeg or ffprobe is started: under which limits, and with which file.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Tool } from "./tool-path.ts";

/**
 * The script that sets limits and environment and then becomes the command; in a process group of its own where the
 * system has the means. Its standard input has to be a pipe: what it runs ends when that ends.
 */
export const LIMITED_TOOL_PATH = fileURLToPath(
  new URL(existsSync("/usr/bin/setsid") ? "../limited-session.sh" : "../limited.sh", import.meta.url),
);

/** The input's name for ffmpeg and ffprobe, whatever the file is called: names never reach them. */
export const INPUT_URL = "file:/dev/fd/3";

export interface Launch {
  tool: Tool;
  /** The one file that it may read. */
  file: string;
  /** CPU time over all threads. */
  cpuS: number;
  /** Memory that it writes to (RLIMIT_DATA), threads' stacks included. */
  dataBytes: number;
  /** Decodes on a GPU: with the driver's devices, and without a limit of memory, of which CUDA maps far more than it uses. */
  gpu: boolean;
}

/** The sandbox around the command, besides limits. */
export interface Surroundings {
  /** Processes and threads of the user; 0 for no limit. */
  processes: number;
  /** Whether the script opens the input itself. */
  opensInput: boolean;
  /** A seccomp program to open; null for none. */
  filter: string | null;
}

const KIBIBYTE = 1024;
/** Address space that is not written to: programs, libraries, what malloc reserves for each thread. */
const SPACE_BEYOND_DATA_BYTES = 2 * 1024 ** 3;
/** Of 512 bytes: what CUDA may put into its small /tmp. Without a GPU nothing can be written. */
const GPU_FILE_BLOCKS = 65_536;

/** The script's arguments up to and with the command's own first words. */
export function launchArguments(
  { file, cpuS, dataBytes, gpu }: Launch,
  { processes, opensInput, filter }: Surroundings,
  command: string[],
): string[] {
  const data = gpu ? "unlimited" : `${Math.ceil(dataBytes / KIBIBYTE)}`;
  const space = gpu ? "unlimited" : `${Math.ceil((dataBytes + SPACE_BEYOND_DATA_BYTES) / KIBIBYTE)}`;
  const blocks = gpu ? GPU_FILE_BLOCKS : 0;
  const limits = [data, space, Math.ceil(cpuS), blocks, processes].map(String);
  return ["--limits", ...limits, opensInput ? file : "-", filter ?? "-", ...command];
}
