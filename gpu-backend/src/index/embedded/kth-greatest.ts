/** The k-th greatest of the first `length` values (k from 1), by Hoare's selection; reorders them. */
export function kthGreatest(values: Float32Array, length: number, k: number): number {
  let low = 0;
  let high = length - 1;
  const wanted = k - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] as number) > pivot) left++;
      while ((values[right] as number) < pivot) right--;
      if (left > right) break;
      const value = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = value;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return values[wanted] as number;
}
