// Decoder threads, shared out: each decoding process gets its part of the cores, by how many decode when it starts.

let decoding = 0;

export interface DecoderThreads extends Disposable {
  /** At least 1. */
  threads: number;
}

/** To be disposed of when the decoder has ended. `all`: threads of all decoders together. */
export function takeDecoderThreads(all: number): DecoderThreads {
  decoding++;
  return {
    threads: Math.max(1, Math.floor(all / decoding)),
    [Symbol.dispose]: () => {
      decoding--;
    },
  };
}
