// The port through which a video's bytes reach this machine.

import type { VideoSource } from "@twinframe/shared/contract";

export interface FetchOptions {
  /** An existing folder on a disk with room for the videos of all checks running at once. */
  directory: string;
  /** More is `video_too_large`. */
  maxBytes: number;
  /** 64 lower-case hex digits; other content is `source_failed`. */
  expectedSha256?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** A video on the local disk; disposing of it removes the file. */
export interface FetchedVideo extends AsyncDisposable {
  /** Absolute path; readable by this process's user only. */
  file: string;
  bytes: number;
  /** 64 lower-case hex digits. */
  sha256: string;
}

export interface VideoStore<Source extends VideoSource = VideoSource> {
  /**
   * Streams the video to a new file. Problems: `source_address_refused`, `object_not_found`, `video_too_large`,
   * `source_timeout`, `source_failed`. An abort rejects with its reason. Nothing stays on disk on failure.
   */
  fetchToFile(source: Source, options: FetchOptions): Promise<FetchedVideo>;
}

/** Time allowed for one fetch, in milliseconds. */
export interface FetchTimeouts {
  /** Until the answer starts. */
  answerMs: number;
  /** Between two pieces of the body. */
  idleMs: number;
}

export const DEFAULT_FETCH_TIMEOUTS: FetchTimeouts = { answerMs: 15_000, idleMs: 20_000 };

export type LinkSource = Extract<VideoSource, { kind: "url" }>;
export type ObjectSource = Extract<VideoSource, { kind: "object" }>;
