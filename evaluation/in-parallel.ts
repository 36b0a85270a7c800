/** Maps with at most `width` at once; results in order. */
export async function inParallel<T, U>(
  items: readonly T[],
  width: number,
  work: (item: T, i: number) => Promise<U>,
): Promise<U[]> {
  const results = new Array<U>(items.length);
  let next = 0;
  const runner = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runner));
  return results;
}
