// Where an upload's parts go: through this Worker, or straight to the bucket.

import type { UploadRow } from "../ingest/store/uploads.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { bucketUploadBackend } from "./bucket-backend.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import { workerUploadBackend } from "./worker-backend.ts";

export interface StoredPart {
  part: number;
  etag: string;
  bytes: number;
}

export interface UploadBackend {
  /** Gives the id of the multipart upload. */
  begin(objectKey: string): Promise<string>;
  /** Those that are there, in order. */
  parts(upload: UploadRow): Promise<StoredPart[]>;
  /** Where to PUT a part. */
  partUrl(upload: UploadRow, part: number): Promise<string>;
  /** Makes one object of all parts. */
  join(upload: UploadRow, parts: readonly StoredPart[]): Promise<void>;
  abort(upload: UploadRow): Promise<void>;
}

/** Where new uploads go. */
export const currentVia = ({ config }: RequestContext): UploadRow["via"] =>
  config.uploads.bucket === null ? "worker" : "s3";

export function uploadBackendOf({ bindings, config }: RequestContext, via: UploadRow["via"]): UploadBackend {
  if (via === "worker") return workerUploadBackend(bindings);
  if (config.uploads.bucket === null) throw storeUnavailable("the bucket's credentials are not set any more");
  return bucketUploadBackend(config.uploads.bucket);
}
