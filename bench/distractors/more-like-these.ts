// As many descriptors of distractors as are asked for, spread as a few real ones are: each is one of them, moved away by
// a draw that varies as they do together.

import { seededRandom } from "@twinframe/gpu-backend/testing/tracks";

/** Share of a made descriptor that is one of the real ones; the rest is the draw. */
const KEPT = 0.8;

/** Vectors by number, `count` at a time, float32 [count, dims]. */
export function moreLikeThese(
  real: Float32Array,
  dims: number,
): (seed: number, count: number) => Float32Array {
  const rows = real.length / dims;
  const mean = new Float64Array(dims);
  real.forEach((value, i) => {
    mean[i % dims] = (mean[i % dims] as number) + value / rows;
  });
  const factor = lowerFactor(covariance(real, mean, dims), dims);
  return (seed, count) => {
    const random = seededRandom(seed);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const vectors = new Float32Array(count * dims);
    const draw = new Float64Array(dims);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < dims; i++) draw[i] = normal();
      const from = Math.floor(random() * rows) * dims;
      const vector = vectors.subarray(row * dims, (row + 1) * dims);
      let square = 0;
      for (let i = 0; i < dims; i++) {
        let moved = mean[i] as number;
        for (let j = 0; j <= i; j++) moved += (factor[i * dims + j] as number) * (draw[j] as number);
        vector[i] = KEPT * (real[from + i] as number) + Math.sqrt(1 - KEPT ** 2) * moved;
        square += (vector[i] as number) ** 2;
      }
      const length = Math.sqrt(square);
      for (let i = 0; i < dims; i++) vector[i] = (vector[i] as number) / length;
    }
    return vectors;
  };
}

function covariance(real: Float32Array, mean: Float64Array, dims: number): Float64Array {
  const sums = new Float64Array(dims * dims);
  for (let from = 0; from < real.length; from += dims)
    for (let i = 0; i < dims; i++) {
      const a = (real[from + i] as number) - (mean[i] as number);
      for (let j = 0; j <= i; j++)
        sums[i * dims + j] =
          (sums[i * dims + j] as number) + a * ((real[from + j] as number) - (mean[j] as number));
    }
  return sums.map((sum) => sum / (real.length / dims));
}

/** Cholesky's: the lower factor, with a little on the diagonal against rounding. */
function lowerFactor(matrix: Float64Array, dims: number): Float64Array {
  const factor = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * dims + j] as number;
      for (let k = 0; k < j; k++) rest -= (factor[i * dims + k] as number) * (factor[j * dims + k] as number);
      factor[i * dims + j] =
        i === j ? Math.sqrt(Math.max(rest, 1e-9)) : rest / (factor[j * dims + j] as number);
    }
  return factor;
}
