// Puts frames of concurrent analyses into shared batches. While one batch runs, whatever arrives waits and
// becomes the next one: no timer, so a lone caller never waits, and under load batches fill by themselves.

export type EmbedBatch = (frames: Uint8Array<ArrayBuffer>, count: number) => Promise<Float32Array>;

interface Piece {
  frames: Uint8Array;
  count: number;
  resolve: (vectors: Float32Array) => void;
  reject: (error: unknown) => void;
}

export interface BatchShape {
  frameBytes: number;
  dims: number;
  maxFrames: number;
}

export class MicroBatcher {
  readonly #embed: EmbedBatch;
  readonly #shape: BatchShape;
  #waiting: Piece[] = [];
  #running = false;

  constructor(embed: EmbedBatch, shape: BatchShape) {
    this.#embed = embed;
    this.#shape = shape;
  }

  /** Descriptors [count, dims] of `count` frames; long videos are cut into several batches. */
  async embed(frames: Uint8Array, count: number): Promise<Float32Array> {
    const { frameBytes, dims, maxFrames } = this.#shape;
    if (frames.length !== count * frameBytes)
      throw new Error(`${count} frames need ${count * frameBytes} bytes, not ${frames.length}`);
    const vectors = new Float32Array(count * dims);
    const pieces: Promise<void>[] = [];
    for (let from = 0; from < count; from += maxFrames) {
      const to = Math.min(count, from + maxFrames);
      const piece = this.#enqueue(frames.subarray(from * frameBytes, to * frameBytes), to - from);
      pieces.push(piece.then((part) => vectors.set(part, from * dims)));
    }
    await Promise.all(pieces);
    return vectors;
  }

  #enqueue(frames: Uint8Array, count: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frames, count, resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (this.#waiting.length > 0) {
      // Callers that arrive in the same turn of the event loop share the first batch too.
      await Promise.resolve();
      await this.#run(this.#take());
    }
    this.#running = false;
  }

  #take(): Piece[] {
    const taken: Piece[] = [];
    let frames = 0;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (taken.length > 0 && frames + next.count > this.#shape.maxFrames) break;
      frames += next.count;
      taken.push(next);
      this.#waiting.shift();
    }
    return taken;
  }

  async #run(pieces: Piece[]): Promise<void> {
    const { frameBytes, dims } = this.#shape;
    const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
    const batch = new Uint8Array(count * frameBytes);
    let at = 0;
    for (const { frames } of pieces) {
      batch.set(frames, at);
      at += frames.length;
    }
    try {
      const vectors = await this.#embed(batch, count);
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
