// One at a time within a library: a check that indexes its video when unique must not run between another
// such check's search and its write, or two copies uploaded at once would both be unique.

export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>();

  async hold<T>(library: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(library) ?? Promise.resolve();
    const mine = previous.then(work, work);
    const settled = mine.catch(() => {});
    this.#last.set(library, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(library) === settled) this.#last.delete(library);
    }
  }
}
