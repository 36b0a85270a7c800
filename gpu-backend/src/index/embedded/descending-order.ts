// Float64 numbers made of float32 ones end in 29 zero bits, into which the position of each goes: sorting the
// numbers then sorts the positions, natively, which is many times as fast as with a comparison function.

const POSITION_BITS = 29;
const POSITION_MASK = 2 ** POSITION_BITS - 1;

/** The positions of the `wanted` greatest values, the greatest first. Values count as float32. */
export function descendingOrder(values: ArrayLike<number>, length: number, wanted: number): Uint32Array {
  const keys = new Float64Array(length);
  const words = new Uint32Array(keys.buffer);
  const low = isLittleEndian ? 0 : 1;
  for (let i = 0; i < length; i++) {
    keys[i] = Math.fround(values[i] as number);
    words[2 * i + low] = (words[2 * i + low] as number) | i;
  }
  keys.sort();
  const order = new Uint32Array(Math.min(wanted, length));
  for (let i = 0; i < order.length; i++)
    order[i] = (words[2 * (length - 1 - i) + low] as number) & POSITION_MASK;
  return order;
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
