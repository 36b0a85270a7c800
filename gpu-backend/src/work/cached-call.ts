/** Calls `ask` at most once in `ms` and never twice at a time: calls in between get the same answer, or the same failure. */
export function cachedCall<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let validUntilMs = Number.POSITIVE_INFINITY;
  return () => {
    if (answer === null || performance.now() >= validUntilMs) {
      validUntilMs = Number.POSITIVE_INFINITY;
      answer = ask().finally(() => {
        validUntilMs = performance.now() + ms;
      });
    }
    return answer;
  };
}
