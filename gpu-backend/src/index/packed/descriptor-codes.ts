// Descriptors as one byte a dimension. No scale is kept: a descriptor has length 1, so its direction is all
// there is to know, and reading gives it its length back.

const GREATEST_CODE = 127;

/** Each vector's numbers in 127ths of its own greatest one. Of a vector read from codes: the very same codes. */
export function codesOf(vectors: Float32Array, dims: number): Int8Array {
  const codes = new Int8Array(vectors.length);
  for (let from = 0; from < vectors.length; from += dims) {
    let greatest = 0;
    for (let i = from; i < from + dims; i++) {
      const size = Math.abs(vectors[i] as number);
      if (!(size < Number.POSITIVE_INFINITY))
        throw new RangeError(`descriptor ${from / dims} holds ${vectors[i]} and cannot be stored`);
      if (size > greatest) greatest = size;
    }
    if (greatest === 0) continue; // A zero vector stays one: similar to nothing.
    for (let i = from; i < from + dims; i++)
      codes[i] = Math.round(((vectors[i] as number) / greatest) * GREATEST_CODE);
  }
  return codes;
}

/** The descriptors, each of length 1. */
export function vectorsOf(codes: Int8Array, dims: number): Float32Array {
  const vectors = new Float32Array(codes.length);
  for (let from = 0; from < codes.length; from += dims) {
    let square = 0;
    for (let i = from; i < from + dims; i++) square += (codes[i] as number) ** 2;
    if (square === 0) continue;
    const length = Math.sqrt(square);
    for (let i = from; i < from + dims; i++) vectors[i] = (codes[i] as number) / length;
  }
  return vectors;
}
