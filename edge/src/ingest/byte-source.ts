// Reads a video's bytes in large steps, with its limits of time.

import type { Configuration } from "../platform/configuration.ts";
import { within } from "../platform/deadline.ts";
import { drain } from "../platform/http/drain.ts";
import { SNIFF_BYTES } from "./sniff.ts";
import type { OpenVideo } from "./video-origin.ts";

const STEP_BYTES = 256 * 1024;

export class ByteSource {
  readonly #reader: ReadableStreamBYOBReader | null;
  readonly #video: OpenVideo;
  readonly #limits: Configuration["intake"];
  readonly #signal: AbortSignal | undefined;
  readonly #deadlineMs: number;
  #buffer = new ArrayBuffer(STEP_BYTES);

  constructor(
    video: OpenVideo,
    limits: Configuration["intake"],
    signal: AbortSignal | undefined,
    deadlineMs: number,
  ) {
    this.#reader = video.body?.getReader({ mode: "byob" }) ?? null;
    this.#video = video;
    this.#limits = limits;
    this.#signal = signal;
    this.#deadlineMs = deadlineMs;
  }

  /** The next bytes, null at the end. They are overwritten by the next call: one buffer serves them all. */
  async next(offset = 0): Promise<Uint8Array | null> {
    if (this.#reader === null) return null;
    const { idleTimeoutMs } = this.#limits;
    const read = this.#reader.read(new Uint8Array(this.#buffer, offset)).catch((error) => {
      throw this.#video.broken(error);
    });
    const { value, done } = await within(read, {
      ms: Math.min(idleTimeoutMs, this.#deadlineMs - Date.now()),
      expired: this.#video.timedOut,
      signal: this.#signal,
    });
    if (value !== undefined) this.#buffer = value.buffer as ArrayBuffer;
    return done || value === undefined ? null : value;
  }

  /** The first bytes, enough to tell what the file is unless it is shorter than that. */
  async head(): Promise<Uint8Array> {
    let length = 0;
    while (length < SNIFF_BYTES) {
      const chunk = await this.next(length);
      if (chunk === null) break;
      length += chunk.byteLength;
    }
    return new Uint8Array(this.#buffer, 0, length);
  }

  /** Stops the flow. Of an upload a short rest is read first, for the sender to hear why. */
  async close(reason: unknown): Promise<void> {
    const reader = this.#reader;
    if (reader !== null && this.#video.isUpload) {
      const read = () => reader.read(new Uint8Array(new ArrayBuffer(STEP_BYTES)));
      await drain({ read, cancel: (why) => reader.cancel(why) }, reason);
    } else {
      reader?.cancel(reason).catch(() => {});
    }
    this.#video.close();
  }
}
