import type { Stage } from "@twinframe/shared/contract";

export type OnProgress = (stage: Stage, fraction: number) => void;

/** Milliseconds by stage, and word of each stage's start and end. */
export class StageClock {
  readonly timingsMs: Partial<Record<Stage, number>> = {};
  readonly #onProgress: OnProgress;

  constructor(onProgress: OnProgress = () => {}) {
    this.#onProgress = onProgress;
  }

  /** Runs one stage; its time counts even when it fails. */
  async time<T>(stage: Stage, work: (progress: (fraction: number) => void) => Promise<T>): Promise<T> {
    const startMs = performance.now();
    this.#onProgress(stage, 0);
    try {
      const value = await work((fraction) => this.#onProgress(stage, fraction));
      this.#onProgress(stage, 1);
      return value;
    } finally {
      const spentMs = performance.now() - startMs;
      this.timingsMs[stage] = Math.round(((this.timingsMs[stage] ?? 0) + spentMs) * 10) / 10;
    }
  }
}
