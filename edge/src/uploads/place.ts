// Where an upload's parts go: through this Worker, or straight to the bucket.

import type { Services } from "../services.ts";
import type { UploadRow } from "../stores/uploads.ts";
import { bucketPlace } from "./bucket-place.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import { workerPlace } from "./worker-place.ts";

export interface StoredPart {
  part: number;
  etag: string;
  bytes: number;
}

export interface UploadPlace {
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
export const currentVia = ({ config }: Services): UploadRow["via"] =>
  config.uploads.bucket === null ? "worker" : "s3";

export function placeOf({ bindings, config }: Services, via: UploadRow["via"]): UploadPlace {
  if (via === "worker") return workerPlace(bindings);
  if (config.uploads.bucket === null) throw storeUnavailable("the bucket's credentials are not set any more");
  return bucketPlace(config.uploads.bucket);
}
