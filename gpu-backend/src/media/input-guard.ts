// What ffmpeg may open. A file from a stranger can name other files or addresses (playlists, concat scripts,
// image patterns); only self-contained formats are read, and only through the file protocol.

import type { MediaLimits } from "./limits.ts";
import { sandboxByDefault, type Tool } from "./sandbox/index.ts";

const DEMUXERS = ["mov", "mp4", "matroska", "webm", "avi", "flv", "mpegts", "mpeg", "ogg", "asf"];
const MAX_STREAMS = 100;

/** Which process is started, over which file. */
export interface LaunchedTool {
  tool: Tool;
  file: string;
  /** Whether it decodes, and so may use more memory; `gpu` where it does so in hardware. */
  decodes?: "cpu" | "gpu";
}

/** What LIMITED_TOOL_PATH is called with, before the tool's own arguments. The file is INPUT_URL to the tool. */
export async function launch({ tool, file, decodes }: LaunchedTool, limits: MediaLimits): Promise<string[]> {
  const sandbox = limits.sandbox ?? (await sandboxByDefault());
  const dataBytes = decodes === undefined ? limits.readingMemoryBytes : limits.memoryBytes;
  return sandbox.arguments({ tool, file, cpuS: limits.cpuS, dataBytes, gpu: decodes === "gpu" });
}

/** Input options for ffmpeg and ffprobe alike; they stand before the input. */
export function guardArguments(limits: MediaLimits): string[] {
  return [
    ...["-protocol_whitelist", "file"],
    ...["-format_whitelist", DEMUXERS.join(",")],
    ...["-max_streams", String(MAX_STREAMS)],
    ...["-max_pixels", String(limits.maxPixels)],
  ];
}
