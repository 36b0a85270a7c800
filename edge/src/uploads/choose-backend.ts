import type { UploadRow } from "../ingest/store/uploads.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { bucketUploadBackend } from "./bucket-backend.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import type { UploadBackend } from "./upload-backend.ts";
import { workerUploadBackend } from "./worker-backend.ts";

/** Where new uploads go. */
export const currentVia = ({ config }: RequestContext): UploadRow["via"] =>
  config.uploads.bucket === null ? "worker" : "s3";

export function uploadBackendOf({ bindings, config }: RequestContext, via: UploadRow["via"]): UploadBackend {
  if (via === "worker") return workerUploadBackend(bindings);
  if (config.uploads.bucket === null) throw storeUnavailable("the bucket's credentials are not set any more");
  return bucketUploadBackend(config.uploads.bucket);
}
