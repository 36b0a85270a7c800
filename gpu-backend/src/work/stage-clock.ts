// Times the stages of one piece of work and reports their progress.

import type { Stage } from "@twinframe/shared/contract";
import { noteStage, nowMs } from "./work-record.ts";

export type OnProgress = (stage: Stage, fraction: number) => void;

/** Milliseconds by stage, and the progress of each. Concurrent runs of one stage count once. */
export class StageClock {
  readonly timingsMs: Partial<Record<Stage, number>> = {};
  /** Stages under way: since when, and how many times at once. */
  readonly #running = new Map<Stage, { sinceMs: number; times: number }>();
  readonly #onProgress: OnProgress;

  constructor(onProgress: OnProgress = () => {}) {
    this.#onProgress = onProgress;
  }

  /** Runs one stage; its time counts even when it fails. */
  async time<T>(stage: Stage, work: (progress: (fraction: number) => void) => Promise<T>): Promise<T> {
    this.#start(stage);
    this.#onProgress(stage, 0);
    try {
      const value = await work((fraction) => this.#onProgress(stage, fraction));
      this.#onProgress(stage, 1);
      return value;
    } finally {
      this.#end(stage);
    }
  }

  #start(stage: Stage): void {
    const running = this.#running.get(stage);
    if (running) running.times++;
    else this.#running.set(stage, { sinceMs: nowMs(), times: 1 });
  }

  #end(stage: Stage): void {
    const running = this.#running.get(stage);
    if (!running || --running.times > 0) return;
    this.#running.delete(stage);
    const endMs = nowMs();
    noteStage(stage, running.sinceMs, endMs);
    const spentMs = endMs - running.sinceMs;
    this.timingsMs[stage] = Math.round(((this.timingsMs[stage] ?? 0) + spentMs) * 10) / 10;
  }
}
