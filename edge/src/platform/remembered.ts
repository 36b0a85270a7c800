/** One answer for all who ask at a time, and for those who ask within `ms` of it. */
export class Remembered<T> {
  readonly #ms: number;
  #answer: Promise<T> | null = null;
  #askedMs = 0;
  #answeredMs: number | null = null;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /** `isMine` tells who has really asked. */
  ask(question: () => Promise<T>): { answer: Promise<T>; isMine: boolean } {
    const nowMs = Date.now();
    if (this.#answer !== null && !this.#isOver(nowMs)) return { answer: this.#answer, isMine: false };
    this.#askedMs = nowMs;
    this.#answeredMs = null;
    const answer = question().finally(() => {
      if (this.#answer === answer) this.#answeredMs = Date.now();
    });
    this.#answer = answer;
    return { answer, isMine: true };
  }

  /** A question whose asker was cut off is never answered: it is asked again after a while. */
  #isOver(nowMs: number): boolean {
    if (this.#answeredMs === null) return nowMs - this.#askedMs >= GIVE_UP_MS;
    return nowMs - this.#answeredMs >= this.#ms || nowMs < this.#answeredMs;
  }
}

const GIVE_UP_MS = 10_000;
