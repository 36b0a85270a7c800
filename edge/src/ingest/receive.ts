// Intake's one entry: a URL or an upload ─▶ an object and the SHA-256 of its bytes, in one pass, bounded, never
// whole in memory. Objects of s3:// addresses stay where they are: the backend reads them.

import { ProblemError } from "@twinframe/shared/problem";
import { toHex } from "@twinframe/shared/signing";
import type { NoteBody } from "../platform/http/http-types.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { inSpan } from "../platform/telemetry/operation.ts";
import { ByteSource } from "./byte-source.ts";
import { openObject } from "./object-writer.ts";
import { openUrl } from "./open-url.ts";
import { readS3Object } from "./read-s3-object.ts";
import { isS3Address } from "./s3-address.ts";
import { refuseNonVideo } from "./sniff.ts";
import { type OpenVideo, openUpload, type VideoOrigin } from "./video-origin.ts";

export interface ReceivedVideo {
  /** Where the bytes lie: a key of our object store, or the s3:// address that they were read at. */
  objectKey: string;
  sha256: string;
  bytes: number;
  intakeMs: number;
}

function refuseLarge(bytes: number | null, maxBytes: number): void {
  if (bytes === null || bytes <= maxBytes) return;
  throw new ProblemError("video_too_large", `Send a video of at most ${maxBytes} bytes.`);
}

export const receiveVideo = (
  context: RequestContext,
  tenant: string,
  origin: VideoOrigin,
  objectKey: string,
  signal?: AbortSignal,
  /** Hears the hash of bytes that came here while the object store still confirms them; must not throw. */
  onSha256?: (sha256: string) => void,
): Promise<ReceivedVideo> =>
  inSpan("intake", { "twinframe.origin": origin.kind }, () =>
    receive(context, tenant, origin, objectKey, signal, onSha256),
  );

async function receive(
  { bindings, config }: RequestContext,
  tenant: string,
  origin: VideoOrigin,
  objectKey: string,
  signal: AbortSignal | undefined,
  onSha256: ((sha256: string) => void) | undefined,
): Promise<ReceivedVideo> {
  if (origin.kind === "stored") {
    const { objectKey: uploadedKey, sha256, bytes } = origin;
    return { objectKey: uploadedKey, sha256, bytes, intakeMs: 0 };
  }
  const startedMs = Date.now();
  if (origin.kind === "url" && isS3Address(origin.url)) {
    const { sha256, bytes } = await readS3Object(config, tenant, origin.url, signal);
    return { objectKey: origin.url, sha256, bytes, intakeMs: Date.now() - startedMs };
  }
  const deadlineMs = startedMs + config.intake.timeoutMs;
  const video =
    origin.kind === "url" ? await openUrl(origin.url, config, deadlineMs, signal) : openUpload(origin);
  const source = new ByteSource(video, config.intake, signal, deadlineMs);
  try {
    refuseLarge(video.declaredBytes, config.intake.maxBytes);
    const heard = { onSha256, noteBody: origin.kind === "upload" ? origin.noteBody : undefined };
    const stored = await store(bindings.OBJECTS, objectKey, video, source, config.intake.maxBytes, heard);
    return { objectKey, ...stored, intakeMs: Date.now() - startedMs };
  } catch (error) {
    await source.close(error);
    throw error;
  }
}

async function store(
  bucket: R2Bucket,
  key: string,
  video: OpenVideo,
  source: ByteSource,
  maxBytes: number,
  {
    onSha256,
    noteBody,
  }: { onSha256: ((sha256: string) => void) | undefined; noteBody: NoteBody | undefined },
): Promise<{ sha256: string; bytes: number }> {
  let chunk: Uint8Array | null = await source.head();
  refuseNonVideo(chunk);
  const object = openObject(bucket, key, video.declaredBytes);
  const digest = new crypto.DigestStream("SHA-256");
  digest.digest.catch(() => {});
  const hash = digest.getWriter();
  let bytes = 0;
  try {
    for (; chunk !== null; chunk = await source.next()) {
      bytes += chunk.byteLength;
      refuseLarge(bytes, maxBytes);
      if (video.declaredBytes !== null && bytes > video.declaredBytes) throw video.broken();
      await Promise.all([hash.write(chunk), object.write(chunk)]);
    }
    if (video.declaredBytes !== null && bytes < video.declaredBytes) throw video.broken();
    await hash.close();
    const sha256 = toHex(await digest.digest);
    onSha256?.(sha256);
    await noteBody?.(sha256);
    await object.commit();
    return { sha256, bytes };
  } catch (error) {
    hash.abort(error).catch(() => {});
    // What cannot be deleted now is swept later; the caller needs to hear the first error.
    await object.discard().catch(() => {});
    throw error;
  }
}
