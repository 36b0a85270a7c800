// Writing and reading of packed tracks' parts. Reading never goes past the end and never believes a count
// before there are bytes for it.

/** A stored track that cannot be read: cut off, damaged, or written by a newer version. */
export class PackedTrackError extends Error {
  override readonly name = "PackedTrackError";
}

export const GREATEST_COUNT = 0xffff_ffff;

export class ByteWriter {
  readonly #parts: Uint8Array[] = [];

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  byte(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  /** A whole number from 0 to GREATEST_COUNT as LEB128: seven bits a byte, the lowest first. */
  count(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
    return this.bytes(Uint8Array.from(bytes));
  }

  float64(value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.bytes(bytes);
  }

  uint32(value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return this.bytes(bytes);
  }

  floats32(values: Float32Array): this {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => {
      view.setFloat32(4 * i, value, true);
    });
    return this.bytes(bytes);
  }

  joined(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #advance(length: number): number {
    if (length > this.left) throw new PackedTrackError("the stored track is cut off");
    const from = this.#at;
    this.#at += length;
    return from;
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.#bytes.subarray(from, from + length);
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  count(): number {
    let value = 0;
    for (let scale = 1; scale <= 128 ** 4; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128 && value <= GREATEST_COUNT) return value;
    }
    throw new PackedTrackError("the stored track is damaged: a count that is none");
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  floats32(length: number): Float32Array {
    const from = this.#advance(4 * length);
    return Float32Array.from({ length }, (_, i) => this.#view.getFloat32(from + 4 * i, true));
  }
}
