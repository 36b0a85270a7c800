// Frames that are worth a descriptor: blank ones carry nothing to match, and a picture that stands still needs
// one descriptor for its whole time.

import { BlockComparison, contrastOf } from "./picture-measures.ts";
import type { FramesSoFar } from "./sample.ts";
import { Thumbnails } from "./thumbnail.ts";

export interface FoldOptions {
  /** Grey levels; frames of less contrast (black, white, one colour) are blank. */
  blankContrast: number;
  /** Grey levels; a frame folds into a span when no block of it differs more from the span's first frame. */
  stillChange: number;
  /** Seconds; a longer still is kept as several frames, so that alignment has points to go by. */
  maxSpanS: number;
}

/**
 * Measured on 120 real clips at 64 × 64 and on made ones. Contrast: black frames 0.1, the plainest real scene 4.4.
 * Change between frames: a re-encoded still 0–0.5, an empty corridor or a still with film grain 2.1–2.3, a grey
 * object of 12 × 24 in 640 × 360 at least 3.5, screen recordings and quiet cameras with life in them 4 and more.
 */
const DEFAULT_FOLD_OPTIONS: FoldOptions = { blankContrast: 3, stillChange: 3, maxSpanS: 10 };

export interface FoldedFrame {
  /** The frame's number among the sampled ones: the first of its span. */
  index: number;
  /** Seconds from the video's first picture: the time that the frame stands for, [startS, endS). */
  startS: number;
  endS: number;
}

export interface FoldResult {
  /** The frames to embed, in order; none when the whole video is blank. */
  frames: FoldedFrame[];
  /** How many sampled frames are blank. */
  blankFrames: number;
}

/** Folds frames as they come: one for each video. */
export class FrameFolder {
  readonly #options: FoldOptions;
  #measures: { thumbnails: Thumbnails; comparison: BlockComparison } | null = null;
  readonly #frames: FoldedFrame[] = [];
  #blankFrames = 0;
  #seen = 0;
  #open: { frame: FoldedFrame; picture: Uint8Array } | null = null;

  constructor(options: FoldOptions = DEFAULT_FOLD_OPTIONS) {
    this.#options = options;
  }

  /** Folds the frames that are new since the last call. The list is the same one at each call, grown. */
  add(soFar: FramesSoFar): readonly FoldedFrame[] {
    const { width, height, intervalS, pixels, count } = soFar;
    this.#measures ??= measuresOf(soFar);
    const frameBytes = width * height * 3;
    for (; this.#seen < count; this.#seen++) {
      const index = this.#seen;
      const picture = this.#measures.thumbnails.of(
        pixels.subarray(index * frameBytes, (index + 1) * frameBytes),
      );
      const times = { startS: index * intervalS, endS: (index + 1) * intervalS };
      if (contrastOf(picture) < this.#options.blankContrast) {
        this.#blankFrames += 1;
        this.#open = null;
      } else if (this.#joins(picture, times.endS, this.#measures.comparison)) {
        (this.#open as { frame: FoldedFrame }).frame.endS = times.endS;
      } else {
        // Kept beyond this call, in which the pixels may still move.
        this.#open = { frame: { index, ...times }, picture: picture.slice() };
        this.#frames.push(this.#open.frame);
      }
    }
    return this.#frames;
  }

  get result(): FoldResult {
    return { frames: this.#frames, blankFrames: this.#blankFrames };
  }

  #joins(picture: Uint8Array, endS: number, comparison: BlockComparison): boolean {
    if (this.#open === null || endS - this.#open.frame.startS > this.#options.maxSpanS) return false;
    return comparison.greatestChange(this.#open.picture, picture) <= this.#options.stillChange;
  }
}

function measuresOf(size: Pick<FramesSoFar, "width" | "height">) {
  const thumbnails = new Thumbnails(size);
  return { thumbnails, comparison: new BlockComparison(thumbnails.width, thumbnails.height) };
}

/** Compares pixels only; the spans of the kept frames never overlap, and blank time lies between them. */
export function foldFrames(sampled: FramesSoFar, options: FoldOptions = DEFAULT_FOLD_OPTIONS): FoldResult {
  const folder = new FrameFolder(options);
  folder.add(sampled);
  return folder.result;
}
