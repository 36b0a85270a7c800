/** Thrown when work is handed over because the caller's wait is over; the work itself has not failed. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface Bounds {
  ms: number;
  /** The error when the time is over. */
  expired: () => Error;
  /** Ends the waiting with `Interrupted`. */
  signal?: AbortSignal | undefined;
}

/**
 * `work`, unless the time is over or the signal fires first. Every call has promises of its own: racing each
 * read of a long stream against one long-lived promise would keep a reaction a read in memory.
 */
export function within<T>(work: Promise<T>, { ms, expired, signal }: Bounds): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => settle(() => reject(new Interrupted()));
    const timer = setTimeout(() => settle(() => reject(expired())), Math.max(0, ms));
    const settle = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      how();
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort);
    work.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
  });
}

/** Waits, or throws `Interrupted`. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const never = new Promise<void>(() => {});
  const over = new Error("over");
  return within(never, { ms, expired: () => over, signal }).catch((error) => {
    if (error !== over) throw error;
  });
}

export interface Turn {
  signal: AbortSignal;
  /** Fires so long from now instead, unless it has fired. */
  extend(ms: number): void;
  clear(): void;
}

/** A signal that fires after `ms`; at once when that is 0. */
export function signalAfter(ms: number): Turn {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const clear = () => clearTimeout(timer);
  const extend = (laterMs: number) => {
    clear();
    timer = setTimeout(() => controller.abort(), laterMs);
  };
  if (ms <= 0) controller.abort();
  else extend(ms);
  return { signal, extend, clear };
}
