// Parts that clients PUT to this Worker, which streams them on.

import { ProblemError } from "@twinframe/shared/problem";
import type { UploadRow } from "../ingest/store/uploads.ts";
import type { Bindings } from "../platform/env.ts";
import { bytesOfPart } from "./parts.ts";
import { uploadParts } from "./store/uploads.ts";
import type { UploadBackend } from "./upload-backend.ts";

export const multipartOf = (bucket: R2Bucket, { object_key, multipart_id }: UploadRow) =>
  bucket.resumeMultipartUpload(object_key, multipart_id);

/** How R2 says that an etag is not that of the part. */
const NOT_THE_PARTS = /\(10025\)/;

/** What is noted of a part may be of another try than what R2 kept. */
const partsDiffer = () =>
  new ProblemError(
    "upload_incomplete",
    "Some part was sent twice at once, and it is not sure which of them is there. Send all parts again.",
  );

export function workerUploadBackend({ DB, OBJECTS }: Bindings): UploadBackend {
  return {
    begin: async (objectKey) => (await OBJECTS.createMultipartUpload(objectKey)).uploadId,
    // None of another size was taken.
    parts: async (upload) =>
      (await uploadParts(DB, upload.id)).map((row) => ({ ...row, bytes: bytesOfPart(upload, row.part) })),
    partUrl: async ({ id }, part) => `/v1/uploads/${id}/parts/${part}`,
    async join(upload, parts) {
      const uploaded = parts.map(({ part, etag }) => ({ partNumber: part, etag }));
      await multipartOf(OBJECTS, upload)
        .complete(uploaded)
        .catch((error) => {
          throw NOT_THE_PARTS.test(String(error)) ? partsDiffer() : error;
        });
    },
    abort: (upload) => multipartOf(OBJECTS, upload).abort(),
  };
}
