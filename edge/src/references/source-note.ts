import { isS3Address } from "../ingest/s3-address.ts";
import type { VideoOrigin } from "../ingest/video-origin.ts";

/** Where a reference came from, for its owner; without the query string, which may hold a signature. */
export function sourceNote(origin: VideoOrigin): string {
  if (origin.kind !== "url") return JSON.stringify({ kind: "upload" });
  if (isS3Address(origin.url)) return JSON.stringify(origin);
  const { origin: host, pathname } = new URL(origin.url);
  return JSON.stringify({ kind: "url", url: `${host}${pathname}` });
}
