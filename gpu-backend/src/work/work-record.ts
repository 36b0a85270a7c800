// What is noted of an analysis, a question or a maintenance job while it runs. Code along its way adds to the
// record of the work that it runs in; outside of any, that does nothing.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Stage } from "@twinframe/shared/contract";

export type Operation = "analysis" | "question" | "maintenance";

/** Times in milliseconds since 1970, with fractions. */
export interface TimedStage {
  stage: Stage;
  startMs: number;
  endMs: number;
}

export interface WorkRecord {
  operation: Operation;
  id: string;
  /** The task's or the question's kind: one of a few words. */
  kind: string;
  startMs: number;
  /** When it got one of the slots; null while it waits. */
  slotMs: number | null;
  stages: TimedStage[];
  /** Of the videos that were fetched. */
  bytes: number;
}

const storage = new AsyncLocalStorage<WorkRecord>();

export const nowMs = () => performance.timeOrigin + performance.now();

export const recorded = <T>(record: WorkRecord, work: () => T): T => storage.run(record, work);

export function noteStage(stage: Stage, startMs: number, endMs: number): void {
  storage.getStore()?.stages.push({ stage, startMs, endMs });
}

export function noteSlot(): void {
  const record = storage.getStore();
  if (record) record.slotMs ??= nowMs();
}

export function noteBytes(bytes: number): void {
  const record = storage.getStore();
  if (record) record.bytes += bytes;
}

/** Milliseconds by stage. */
export function stageTimes(stages: readonly TimedStage[]): Partial<Record<Stage, number>> {
  const times: Partial<Record<Stage, number>> = {};
  for (const { stage, startMs, endMs } of stages)
    times[stage] = Math.round(((times[stage] ?? 0) + endMs - startMs) * 10) / 10;
  return times;
}
