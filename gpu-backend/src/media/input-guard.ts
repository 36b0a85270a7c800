// What ffmpeg may open. A file from a stranger can name other files or addresses (playlists, concat scripts,
// image patterns); only self-contained formats are read, and only through the file protocol.

import { fileURLToPath } from "node:url";
import type { MediaLimits } from "./limits.ts";

const DEMUXERS = ["mov", "mp4", "matroska", "webm", "avi", "flv", "mpegts", "mpeg", "ogg", "asf"];
const MAX_STREAMS = 100;

/** The wrapper that sets the limits and then becomes ffmpeg or ffprobe. */
export const LIMITED_TOOL_PATH = fileURLToPath(new URL("./limited.sh", import.meta.url));

/** Leading arguments of the wrapper. With `gpu`, memory is not limited: CUDA maps far more than it uses. */
export function limitArguments(tool: "ffmpeg" | "ffprobe", limits: MediaLimits, gpu = false): string[] {
  const memory = gpu || limits.memoryBytes === 0 ? "unlimited" : String(Math.ceil(limits.memoryBytes / 1024));
  return ["--limits", memory, String(Math.ceil(limits.cpuS)), tool];
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

/** The input as a URL of the file protocol, so that no name is taken for an option or another protocol. */
export function inputUrl(file: string): string {
  return `file:${file}`;
}
