// Where an upload's parts go: through this Worker (worker-backend.ts), or straight to the bucket (bucket-backend.ts).

import type { UploadRow } from "../ingest/store/uploads.ts";

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
