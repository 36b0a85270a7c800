// Describes a video's frames while the decoder still makes the next ones: a decoder leaves cores idle. The bars around
// the picture are known only at the end; until then the first frames' bars are taken for the whole video's, and if that
// was wrong the frames are described again.

import { embedFrames, framesAt } from "../descriptor/embed-frames.ts";
import type { Embedder } from "../descriptor/embedder.ts";
import { WHOLE_FRAME } from "../descriptor/view.ts";
import type { FrameTrack } from "../index/frame-track.ts";
import {
  type Box,
  FrameFolder,
  type FramesSoFar,
  pictureBox,
  type SampledFrames,
  WHOLE_BOX,
} from "../media/index.ts";
import { type Pictures, trackOf } from "./describe-view.ts";

/** Kept frames a call: fewer would be more calls, and a video of fewer is described at its end. */
const MIN_BATCH = 12;
const MAX_BATCH = 32;

export class FrameDescriber {
  readonly #embedder: Embedder;
  readonly #folder = new FrameFolder();
  /** Of the first frames; null before there are enough of them. */
  #box: Box | null = null;
  /** Of the first kept frames, in order. */
  readonly #vectors: Float32Array[] = [];
  #described = 0;
  #running: Promise<void> | null = null;
  #failed = false;

  constructor(embedder: Embedder) {
    this.#embedder = embedder;
  }

  /** Folds the new frames, and describes those that are kept, one batch at a time. Never throws. */
  see(soFar: FramesSoFar): void {
    const kept = this.#folder.add(soFar);
    if (this.#running || this.#failed || kept.length - this.#described < MIN_BATCH) return;
    this.#box ??= this.#boxOf(soFar, indicesOf(kept));
    const batch = indicesOf(kept.slice(this.#described, this.#described + MAX_BATCH));
    this.#described += batch.length;
    this.#running = this.#describe(soFar, batch, this.#box);
  }

  async #describe(soFar: FramesSoFar, batch: number[], box: Box): Promise<void> {
    try {
      this.#vectors.push(await embedFrames({ ...soFar, box }, batch, WHOLE_FRAME, this.#embedder));
    } catch {
      // `finish` describes all frames again, and throws the reason.
      this.#failed = true;
    }
    this.#running = null;
  }

  /** Waits for the batch that is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Pictures and descriptors of a video that is decoded to its end. Problems: `backend_unavailable`. */
  async finish(
    sampled: FramesSoFar & Partial<Pick<SampledFrames, "trueTimeOf">>,
    durationS: number,
  ): Promise<{ pictures: Pictures; track: FrameTrack }> {
    const kept = this.#folder.add(sampled);
    await this.settled();
    const { width, height, intervalS, trueTimeOf = (sampledS: number) => sampledS } = sampled;
    const pictures: Pictures = {
      pixels: framesAt(sampled, indicesOf(kept)),
      width,
      height,
      startS: Float32Array.from(kept, ({ startS }) => trueTimeOf(startS)),
      endS: Float32Array.from(kept, ({ endS }) => trueTimeOf(endS)),
      rate: 1 / intervalS,
      durationS: Math.max(durationS, trueTimeOf(kept.at(-1)?.endS ?? 0)),
      box: this.#boxOf(sampled, indicesOf(kept)),
    };
    const isRight = !this.#failed && this.#box !== null && sameBox(this.#box, pictures.box);
    const known = isRight ? this.#described : 0;
    const all = kept.map((_, number) => number);
    const rest = await embedFrames(pictures, all.slice(known), WHOLE_FRAME, this.#embedder);
    return { pictures, track: trackOf(pictures, joined([...(isRight ? this.#vectors : []), rest])) };
  }

  #boxOf(soFar: FramesSoFar, kept: number[]): Box {
    return this.#embedder.supportsViews ? pictureBox(soFar, kept) : WHOLE_BOX;
  }
}

const indicesOf = (frames: readonly { index: number }[]) => frames.map(({ index }) => index);

const sameBox = (a: Box, b: Box) =>
  a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;

function joined(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
