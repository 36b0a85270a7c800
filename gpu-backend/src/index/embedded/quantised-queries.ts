// Queries as whole numbers of a step each, for the first pass, and how far that may put a similarity wrong.

/**
 * Seven bits: a product of two neighbouring codes and numbers then fits into 16 bits, in which processors
 * without VNNI add them up.
 */
const GREATEST_NUMBER = 64;

/** What floating-point sums of a first pass may differ from exact ones, a unit of the query's length. */
const FLOAT_TOLERANCE = 4e-6;

export interface QuantisedQueries {
  count: number;
  /** int8 [dims, count]. */
  numbers: Int8Array;
  /** float32 [count]. */
  steps: Float32Array;
  /**
   * float64 [count]: no similarity of the first pass is further from the exact one. A stored vector has
   * length 1, so by Cauchy and Schwarz that is the length of what quantising the query took away.
   */
  errors: Float64Array;
}

export function quantise(queries: Float32Array, dims: number): QuantisedQueries {
  const count = queries.length / dims;
  const numbers = new Int8Array(queries.length);
  const steps = new Float32Array(count);
  const errors = new Float64Array(count);
  for (let query = 0; query < count; query++) {
    const values = queries.subarray(query * dims, (query + 1) * dims);
    let greatest = 0;
    for (const value of values) greatest = Math.max(greatest, Math.abs(value));
    const step = Math.fround(greatest / GREATEST_NUMBER);
    let lostSquare = 0;
    let square = 0;
    values.forEach((value, i) => {
      const number =
        step > 0 ? Math.max(-GREATEST_NUMBER, Math.min(GREATEST_NUMBER, Math.round(value / step))) : 0;
      numbers[i * count + query] = number;
      lostSquare += (value - number * step) ** 2;
      square += value * value;
    });
    steps[query] = step;
    errors[query] = Math.sqrt(lostSquare) + FLOAT_TOLERANCE * Math.sqrt(square);
  }
  return { count, numbers, steps, errors };
}
