import { ProblemError } from "@twinframe/shared/problem";
import { ByteSource } from "../ingest/byte-source.ts";
import type { UploadRow } from "../ingest/store/uploads.ts";
import { openUpload, uploadBroken } from "../ingest/video-origin.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { bytesOfPart, partCount } from "./parts.ts";
import { noteUploadPart } from "./store/uploads.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import { multipartOf } from "./worker-backend.ts";

const uploadClosed = () =>
  new ProblemError(
    "upload_closed",
    "This upload takes no parts here: it is complete, or its parts go to the urls in missing_parts.",
  );

/** Streams one part to the object store. A part that is sent again takes the place of the former. */
export async function putPart(
  { bindings, config }: RequestContext,
  upload: UploadRow,
  part: number,
  body: ReadableStream<Uint8Array> | null,
  declaredBytes: number | null,
): Promise<void> {
  if (upload.status !== "open" || upload.via !== "worker") throw uploadClosed();
  if (part > partCount(upload)) {
    throw new ProblemError("invalid_request", `This upload has ${partCount(upload)} parts.`, {
      errors: [{ pointer: "/part", detail: `use 1 to ${partCount(upload)}` }],
    });
  }
  const bytes = bytesOfPart(upload, part);
  const video = { ...openUpload({ kind: "upload", body, declaredBytes }), broken: uploadBroken };
  const source = new ByteSource(video, config.intake, undefined, Date.now() + config.intake.timeoutMs);
  try {
    if (declaredBytes !== null && declaredBytes !== bytes) throw wrongSize(part, bytes);
    const etag = await store(multipartOf(bindings.OBJECTS, upload), part, bytes, source);
    if (!(await noteUploadPart(bindings.DB, upload.id, part, etag))) throw uploadClosed();
  } catch (error) {
    await source.close(error);
    throw error;
  }
}

const wrongSize = (part: number, bytes: number) =>
  new ProblemError("part_size_mismatch", `Part ${part} has ${bytes} bytes; send exactly so many.`);

async function store(
  multipart: R2MultipartUpload,
  part: number,
  bytes: number,
  source: ByteSource,
): Promise<string> {
  const { readable, writable } = new FixedLengthStream(bytes);
  const writer = writable.getWriter();
  const stored = multipart.uploadPart(part, readable);
  stored.catch(() => {});
  let failed: unknown;
  try {
    let received = 0;
    for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
      received += chunk.byteLength;
      if (received > bytes) throw wrongSize(part, bytes);
      await writer.write(chunk).catch((error) => {
        throw storeUnavailable(error);
      });
    }
    if (received < bytes) throw wrongSize(part, bytes);
    await writer.close();
  } catch (error) {
    failed = error;
    await writer.abort(error).catch(() => {});
  }
  if (failed !== undefined) throw failed;
  try {
    return (await stored).etag;
  } catch (error) {
    throw storeUnavailable(error);
  }
}
