// What the worker uses of uploads. As the source of a video an upload is read by ingest/uploaded-video.ts.

export { sweepUploads } from "./remove.ts";
