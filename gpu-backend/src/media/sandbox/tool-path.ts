import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Tool = "ffmpeg" | "ffprobe";

/**
 * FFMPEG_PATH or FFPROBE_PATH, else the first on PATH; links followed, since a box shows the file where it lies. The
 * bare name when there is none: starting it then says so.
 */
export function toolPath(tool: Tool): string {
  const given = process.env[`${tool.toUpperCase()}_PATH`];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const file of given ? [given] : folders.map((folder) => join(folder, tool)))
    try {
      accessSync(file, constants.X_OK);
      return realpathSync(file);
    } catch {}
  return given ?? tool;
}
