// Where a video comes from, and what its faults are called there.

import { ProblemError } from "@twinframe/shared/problem";
import type { NoteBody } from "../platform/http/http-types.ts";

export type VideoOrigin =
  /** Received and hashed before, by an upload of the same tenant. */
  | { kind: "stored"; objectKey: string; sha256: string; bytes: number }
  | { kind: "url"; url: string }
  | {
      kind: "upload";
      body: ReadableStream<Uint8Array> | null;
      declaredBytes: number | null;
      noteBody?: NoteBody | undefined;
    };

/** No video at all: what a client says of one. */
export interface DeclaredContent {
  kind: "declared";
  sha256: string;
}

/** An open stream of a video's bytes. */
export interface OpenVideo {
  body: ReadableStream<Uint8Array> | null;
  declaredBytes: number | null;
  /** Sent by the client itself, not fetched for it. */
  isUpload: boolean;
  timedOut: () => ProblemError;
  broken: (cause?: unknown) => ProblemError;
  /** Lets go of whatever delivers the bytes. */
  close: () => void;
}

export const sourceTimeout = () =>
  new ProblemError(
    "source_timeout",
    "The address did not deliver the video in time. Try again, or upload the video's bytes.",
  );

export const sourceFailed = (cause?: unknown) =>
  new ProblemError(
    "source_failed",
    "The address broke off or failed before the whole video came. Try again, or upload the video's bytes.",
    { cause },
  );

export const uploadTimeout = () =>
  new ProblemError("upload_timeout", "The upload stalled or took too long. Send it again on a faster line.");

export const uploadBroken = (cause?: unknown) =>
  new ProblemError("truncated_video", "The upload ended before all of its bytes came. Send it again.", {
    cause,
  });

export function openUpload(origin: Extract<VideoOrigin, { kind: "upload" }>): OpenVideo {
  const { body, declaredBytes } = origin;
  const faults = { timedOut: uploadTimeout, broken: uploadBroken };
  return { body, declaredBytes, isUpload: true, ...faults, close: () => {} };
}

/** The Content-Length of a message, or null when it has none that can be relied upon. */
export function declaredLength(headers: Headers): number | null {
  const length = headers.get("content-length");
  const encoding = headers.get("content-encoding") ?? "identity";
  if (length === null || !/^\d{1,15}$/.test(length) || encoding !== "identity") return null;
  return Number(length);
}
