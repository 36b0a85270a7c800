// Parts that clients PUT to this Worker, which streams them on.

import type { Bindings } from "../env.ts";
import { type UploadRow, uploadParts } from "../stores/uploads.ts";
import { bytesOfPart } from "./parts.ts";
import type { UploadPlace } from "./place.ts";

export const multipartOf = (bucket: R2Bucket, { object_key, multipart_id }: UploadRow) =>
  bucket.resumeMultipartUpload(object_key, multipart_id);

export function workerPlace({ DB, OBJECTS }: Bindings): UploadPlace {
  return {
    begin: async (objectKey) => (await OBJECTS.createMultipartUpload(objectKey)).uploadId,
    // None of another size was taken.
    parts: async (upload) =>
      (await uploadParts(DB, upload.id)).map((row) => ({ ...row, bytes: bytesOfPart(upload, row.part) })),
    partUrl: async ({ id }, part) => `/v1/uploads/${id}/parts/${part}`,
    async join(upload, parts) {
      const uploaded = parts.map(({ part, etag }) => ({ partNumber: part, etag }));
      await multipartOf(OBJECTS, upload).complete(uploaded);
    },
    abort: (upload) => multipartOf(OBJECTS, upload).abort(),
  };
}
