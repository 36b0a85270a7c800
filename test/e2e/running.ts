// The services that were started for all files, as one file uses them.

import { inject } from "vitest";
import { apiOf } from "./api.ts";

export const shared = inject("shared");
export const api = apiOf(shared.edgeUrl, shared.apiKey);

/** Where the upstream serves a file; `name` is the last segment of the path. */
export function fileUrl(file: string, name = "video.mp4", search = ""): string {
  const path = Buffer.from(file).toString("base64url");
  return `http://${shared.upstreamHost}/file/${path}/${name}${search}`;
}

export const upstreamUrl = (path: string) => `http://${shared.upstreamHost}${path}`;
