// What every stage gets of the piece of work that it is part of.

import type { StageClock } from "./stage-clock.ts";

export interface WorkContext {
  /** Times the stages and reports their progress. */
  clock: StageClock;
  /** Stops the work; what was begun then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}
