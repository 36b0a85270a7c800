// Descriptors of pictures that no customer owns: a similarity says more once it is known how similar a frame
// is to pictures that it certainly does not come from.

/** int8 codes [count, dims] → float32 rows of length 1. */
export function backgroundRows(codes: Uint8Array, count: number, dims: number): Float32Array {
  if (codes.length !== count * dims)
    throw new Error(`the background of ${count} descriptors of ${dims} has ${codes.length} bytes`);
  const rows = Float32Array.from(new Int8Array(codes.buffer, codes.byteOffset, codes.length));
  for (let from = 0; from < rows.length; from += dims) {
    const row = rows.subarray(from, from + dims);
    const length = Math.sqrt(row.reduce((sum, code) => sum + code * code, 0));
    if (length === 0) throw new Error(`background descriptor ${from / dims} is all zeros`);
    for (let i = 0; i < dims; i++) row[i] = (row[i] as number) / length;
  }
  return rows;
}
