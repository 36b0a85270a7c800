// One look at a check for all who listen: what each has not heard yet is told to it.

import type { CheckEvent } from "./watch.ts";

export interface Listening {
  /** The id of the last event that the client has heard; −1 for none. */
  after: number;
  emit(event: CheckEvent): void;
  /** Fires when it listens no more. */
  signal: AbortSignal;
}

/** Emits the check's events from the first on, until it has ended or the signal fires. */
export type Watch = (emit: (event: CheckEvent) => void, signal: AbortSignal) => Promise<void>;

interface Listener {
  tell(event: CheckEvent): void;
  end(error?: unknown): void;
}

export class SharedWatch {
  readonly #watch: Watch;
  readonly #listeners = new Set<Listener>();
  readonly #over = new AbortController();
  #latest: CheckEvent | null = null;
  #begun = false;

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Nobody listens any more, or the check has ended: another watch is to be begun for who comes now. */
  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Until the check has ended, is gone, or the listener has left. Rejects when the watch fails. */
  listen({ after, emit, signal }: Listening): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let heard = after;
    const listener: Listener = {
      tell: (event) => {
        if (event.id <= heard && event.event === "progress") return;
        heard = event.id;
        emit(event);
      },
      end: (error) => (error === undefined ? resolve() : reject(error)),
    };
    const leave = () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#over.abort();
      resolve();
    };
    if (this.#latest !== null) listener.tell(this.#latest);
    this.#listeners.add(listener);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave);
    if (!this.#begun) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#begun = true;
    const tell = (event: CheckEvent) => {
      this.#latest = event;
      for (const { tell: told } of this.#listeners) told(event);
    };
    const failure: unknown = await this.#watch(tell, this.#over.signal).then(
      () => undefined,
      (error) => error,
    );
    this.#over.abort();
    for (const { end } of this.#listeners) end(failure);
    this.#listeners.clear();
  }
}
