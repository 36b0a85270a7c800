// The end of an upload: its parts become one object, whose bytes are read once for their SHA-256. Every step may
// be done again, by a client that has not heard the answer.

import { ProblemError, toProblem } from "@twinframe/shared/problem";
import { toHex } from "@twinframe/shared/signing";
import { refuseNonVideo, SNIFF_BYTES } from "../ingest/sniff.ts";
import { findUpload, type UploadRow } from "../ingest/store/uploads.ts";
import { uploadNotFound } from "../ingest/uploaded-video.ts";
import { within } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { uploadBackendOf } from "./choose-backend.ts";
import { bytesOfPart, partNumbers } from "./parts.ts";
import { markVerifying, settleUpload } from "./store/uploads.ts";
import { storeUnavailable } from "./store-unavailable.ts";
import type { StoredPart } from "./upload-backend.ts";

/** Enough to go on with; `GET` lists them all. */
const NAMED_PARTS = 20;

function refuseGaps(upload: UploadRow, parts: readonly StoredPart[]): void {
  const there = new Map(parts.map(({ part, bytes }) => [part, bytes]));
  const missing = partNumbers(upload).filter((part) => there.get(part) !== bytesOfPart(upload, part));
  if (missing.length === 0) return;
  const named = missing.slice(0, NAMED_PARTS).join(", ");
  const more = missing.length > NAMED_PARTS ? ` and ${missing.length - NAMED_PARTS} more` : "";
  throw new ProblemError("upload_incomplete", `Send these parts first: ${named}${more}.`);
}

async function join(context: RequestContext, upload: UploadRow): Promise<void> {
  const uploadBackend = uploadBackendOf(context, upload.via);
  try {
    const parts = await uploadBackend.parts(upload);
    refuseGaps(upload, parts);
    await uploadBackend.join(upload, parts);
  } catch (error) {
    if (error instanceof ProblemError && error.code === "upload_incomplete") throw error;
    // Perhaps a request that was cut off has done it.
    const object = await context.bindings.OBJECTS.head(upload.object_key).catch(() => null);
    if (object?.size !== upload.bytes) throw storeUnavailable(error);
  }
  await markVerifying(context.bindings.DB, upload.id);
}

async function hashOf(object: R2ObjectBody, ms: number): Promise<string> {
  const digest = new crypto.DigestStream("SHA-256");
  digest.digest.catch(() => {});
  await within(object.body.pipeTo(digest), { ms, expired: storeUnavailable }).catch((error) => {
    throw storeUnavailable(error);
  });
  return toHex(await digest.digest);
}

/** The SHA-256 of the object's bytes. Problems: what they are not. */
async function verify({ bindings, config }: RequestContext, upload: UploadRow): Promise<string> {
  const { object_key: key, declared_sha256: declared } = upload;
  const head = await bindings.OBJECTS.get(key, { range: { offset: 0, length: SNIFF_BYTES } });
  if (head === null) throw uploadNotFound(upload.id);
  refuseNonVideo(new Uint8Array(await head.arrayBuffer()));
  const object = await bindings.OBJECTS.get(key);
  if (object === null) throw uploadNotFound(upload.id);
  const sha256 = await hashOf(object, config.uploads.verifyTimeoutMs);
  if (declared === null || declared === sha256) return sha256;
  throw new ProblemError(
    "sha256_mismatch",
    `The bytes that came have the SHA-256 ${sha256}, not ${declared}. Upload the file again.`,
  );
}

const FAULTS = ["not_a_video", "sha256_mismatch"];

export async function completeUpload(context: RequestContext, upload: UploadRow): Promise<UploadRow> {
  const { DB, OBJECTS } = context.bindings;
  if (upload.status === "ready") return upload;
  if (upload.status === "failed") throw ProblemError.fromProblem(JSON.parse(upload.problem!));
  if (upload.status === "open") await join(context, upload);
  try {
    await settleUpload(DB, upload.id, { sha256: await verify(context, upload) });
  } catch (error) {
    if (error instanceof ProblemError && FAULTS.includes(error.code)) {
      await settleUpload(DB, upload.id, { problem: toProblem(error) });
      await OBJECTS.delete(upload.object_key);
    }
    throw error;
  }
  const settled = await findUpload(DB, upload.tenant, upload.id, new Date().toISOString());
  if (settled === null) throw uploadNotFound(upload.id);
  return settled;
}
