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

/** A video to be received. */
export interface Intake {
  tenant: string;
  origin: VideoOrigin;
  /** Where its bytes are put, unless they lie somewhere already. */
  objectKey: string;
  signal?: AbortSignal | undefined;
}

export const receiveVideo = async (context: RequestContext, intake: Intake): Promise<ReceivedVideo> =>
  (await receiveWhile(context, intake, async () => null)).video;

/** The same. `begin` is begun as soon as the hash is known, while the object store still confirms the bytes. */
export const receiveWhile = <Begun>(
  context: RequestContext,
  intake: Intake,
  begin: (sha256: string) => Promise<Begun>,
): Promise<{ video: ReceivedVideo; meanwhile: Promise<Begun> }> =>
  inSpan("intake", { "twinframe.origin": intake.origin.kind }, async () => {
    const startedMs = Date.now();
    const { meanwhile, ...stored } = await receive(context, intake, startedMs, (sha256) => {
      const begun = begin(sha256);
      // Whoever awaits it hears of its failure; where the intake fails, nobody does.
      begun.catch(() => {});
      return begun;
    });
    const intakeMs = intake.origin.kind === "stored" ? 0 : Date.now() - startedMs;
    return { video: { ...stored, intakeMs }, meanwhile };
  });

type Stored<Begun> = Omit<ReceivedVideo, "intakeMs"> & { meanwhile: Promise<Begun> };

async function receive<Begun>(
  { bindings, config }: RequestContext,
  { tenant, origin, objectKey, signal }: Intake,
  startedMs: number,
  begin: (sha256: string) => Promise<Begun>,
): Promise<Stored<Begun>> {
  if (origin.kind === "stored") {
    const { objectKey: uploadedKey, sha256, bytes } = origin;
    return { objectKey: uploadedKey, sha256, bytes, meanwhile: begin(sha256) };
  }
  if (origin.kind === "url" && isS3Address(origin.url)) {
    const { sha256, bytes } = await readS3Object(config, tenant, origin.url, signal);
    return { objectKey: origin.url, sha256, bytes, meanwhile: begin(sha256) };
  }
  const deadlineMs = startedMs + config.intake.timeoutMs;
  const video =
    origin.kind === "url" ? await openUrl(origin.url, config, deadlineMs, signal) : openUpload(origin);
  const source = new ByteSource(video, config.intake, signal, deadlineMs);
  const { maxBytes } = config.intake;
  try {
    refuseLarge(video.declaredBytes, maxBytes);
    const noteBody = origin.kind === "upload" ? origin.noteBody : undefined;
    const stored = await store(bindings.OBJECTS, objectKey, { video, source, maxBytes, begin, noteBody });
    return { objectKey, ...stored };
  } catch (error) {
    await source.close(error);
    throw error;
  }
}

interface Storing<Begun> {
  video: OpenVideo;
  source: ByteSource;
  maxBytes: number;
  begin: (sha256: string) => Promise<Begun>;
  noteBody: NoteBody | undefined;
}

async function store<Begun>(
  bucket: R2Bucket,
  key: string,
  { video, source, maxBytes, begin, noteBody }: Storing<Begun>,
): Promise<{ sha256: string; bytes: number; meanwhile: Promise<Begun> }> {
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
    const meanwhile = begin(sha256);
    await noteBody?.(sha256);
    await object.commit();
    return { sha256, bytes, meanwhile };
  } catch (error) {
    hash.abort(error).catch(() => {});
    // What cannot be deleted now is swept later; the caller needs to hear the first error.
    await object.discard().catch(() => {});
    throw error;
  }
}
