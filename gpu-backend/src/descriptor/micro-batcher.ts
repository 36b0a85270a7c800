// Puts frames of concurrent analyses into shared batches. While one batch runs, whatever arrives waits and
// becomes the next one: no timer, so a lone caller never waits, and under load batches fill by themselves.
// A batch is of one size and one view. The call that waits longest decides which, so no size and no view starves. A long
// video has no more than a few pieces waiting at a time, so that others' come in between.

import { noteBatch } from "../work/channels.ts";
import { type FrameShape, frameBytesOf, shapeKeyOf } from "./frame-shape.ts";

export type EmbedBatch = (
  frames: Uint8Array<ArrayBuffer>,
  count: number,
  shape: FrameShape,
) => Promise<Float32Array>;

/** Pieces of one call at once: the second waits while the first runs, so that the model never does. */
const PIECES_AT_ONCE = 2;

interface Piece {
  frames: Uint8Array;
  count: number;
  shape: FrameShape;
  key: string;
  resolve: (vectors: Float32Array) => void;
  reject: (error: unknown) => void;
}

export interface BatchLimits {
  dims: number;
  maxFrames: number;
}

export class MicroBatcher {
  readonly #embed: EmbedBatch;
  readonly #limits: BatchLimits;
  #waiting: Piece[] = [];
  #running = false;

  constructor(embed: EmbedBatch, limits: BatchLimits) {
    this.#embed = embed;
    this.#limits = limits;
  }

  /** Descriptors [count, dims] of `count` frames; long videos are cut into several batches. */
  async embed(frames: Uint8Array, count: number, shape: FrameShape): Promise<Float32Array> {
    const { dims, maxFrames } = this.#limits;
    const frameBytes = frameBytesOf(shape);
    if (frames.length !== count * frameBytes)
      throw new Error(`${count} frames need ${count * frameBytes} bytes, not ${frames.length}`);
    const vectors = new Float32Array(count * dims);
    let begun = 0;
    const lane = async () => {
      while (begun < count) {
        const from = begun;
        const to = Math.min(count, from + maxFrames);
        begun = to;
        const piece = frames.subarray(from * frameBytes, to * frameBytes);
        vectors.set(await this.#enqueue(piece, to - from, shape), from * dims);
      }
    };
    // A failed call is not continued: its caller has the error.
    const stop = (error: unknown) => {
      begun = count;
      throw error;
    };
    await Promise.all(Array.from({ length: PIECES_AT_ONCE }, () => lane().catch(stop)));
    return vectors;
  }

  #enqueue(frames: Uint8Array, count: number, shape: FrameShape): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frames, count, shape, key: shapeKeyOf(shape), resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      // Callers that arrive in the same turn of the event loop share the first batch too.
      await Promise.resolve();
      const { taken, left } = this.#take();
      this.#waiting = left;
      await this.#run(taken);
    }
    this.#running = false;
  }

  /** The longest waiting piece and those after it that may share its batch, until one does not fit. */
  #take(): { taken: Piece[]; left: Piece[] } {
    const taken: Piece[] = [];
    const left: Piece[] = [];
    const key = this.#waiting[0]?.key;
    let room = this.#limits.maxFrames;
    for (const piece of this.#waiting) {
      const fits = piece.key === key && piece.count <= room;
      // No call of the same size and view overtakes one that did not fit.
      if (piece.key === key) room = fits ? room - piece.count : 0;
      (fits ? taken : left).push(piece);
    }
    return { taken, left };
  }

  async #run(pieces: Piece[]): Promise<void> {
    const { dims } = this.#limits;
    try {
      const batch = batchOf(pieces);
      noteBatch(batch[1]);
      const vectors = await this.#embed(...batch);
      let row = 0;
      for (const piece of pieces) {
        piece.resolve(vectors.subarray(row * dims, (row + piece.count) * dims));
        row += piece.count;
      }
    } catch (error) {
      for (const { reject } of pieces) reject(error);
    }
  }
}

function batchOf(pieces: Piece[]): Parameters<EmbedBatch> {
  const { shape } = pieces[0] as Piece;
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const frames = new Uint8Array(count * frameBytesOf(shape));
  let at = 0;
  for (const piece of pieces) {
    frames.set(piece.frames, at);
    at += piece.frames.length;
  }
  return [frames, count, shape];
}
