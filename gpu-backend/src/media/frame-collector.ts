// Gathers the raw frames of a pipe in one piece of memory.

import { Writable } from "node:stream";

export class FrameCollector extends Writable {
  #bytes: Uint8Array;
  #length = 0;
  readonly #ceilingBytes: number;
  readonly #onLength: (bytes: number) => void;

  /**
   * Memory for `expectedBytes` is reserved (the system commits it as it is filled); more than `ceilingBytes` is
   * dropped, with an `overflow` event. `onLength` is called with the bytes so far.
   */
  constructor(expectedBytes: number, ceilingBytes: number, onLength: (bytes: number) => void) {
    // fluent-ffmpeg takes a closed output for a failure if ffmpeg's exit is seen later: never say closed.
    super({ emitClose: false, highWaterMark: 1 << 20 });
    this.#bytes = new Uint8Array(Math.min(expectedBytes, ceilingBytes));
    this.#ceilingBytes = ceilingBytes;
    this.#onLength = onLength;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const end = this.#length + chunk.length;
    if (end > this.#ceilingBytes) this.emit("overflow");
    else {
      if (end > this.#bytes.length) this.#grow(end);
      this.#bytes.set(chunk, this.#length);
      this.#length = end;
    }
    this.#onLength(this.#length);
    done();
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(neededBytes: number): void {
    const grown = new Uint8Array(
      Math.min(this.#ceilingBytes, Math.max(neededBytes, this.#bytes.length * 1.5)),
    );
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
