// Speculative work: begun before it is sure to be needed.

export interface Speculative<T> extends AsyncDisposable {
  /** May be left unhandled. */
  result: Promise<T>;
}

/** Starts `work`; leaving the scope stops it by its signal, which `signal` fires too, and waits until it is over. */
export function startSpeculative<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Speculative<T> {
  const stop = new AbortController();
  const result = work(signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  const over = result.then(
    () => {},
    () => {},
  );
  return {
    result,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await over;
    },
  };
}
