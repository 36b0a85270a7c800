// Work begun before it is sure to be needed.

export interface Ahead<T> extends AsyncDisposable {
  /** May be left unhandled. */
  result: Promise<T>;
}

/** Starts `work`; leaving the scope stops it by its signal, which `signal` fires too, and waits until it is over. */
export function startAhead<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Ahead<T> {
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
