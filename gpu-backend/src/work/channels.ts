// Diagnostics channels for events that belong to no single piece of work. They cost nothing without subscribers.

import { channel } from "node:diagnostics_channel";

/** A run of the model. */
export const BATCHES = channel("twinframe:batch");
export interface Batch {
  frames: number;
}

/** The circuit breaker in front of an index that is a service of its own. */
export const BREAKER = channel("twinframe:index-breaker");
export interface BreakerChange {
  open: boolean;
}

export const noteBatch = (frames: number): void => BATCHES.publish({ frames } satisfies Batch);
export const noteBreaker = (open: boolean): void => BREAKER.publish({ open } satisfies BreakerChange);
