// The record of an analysis, a transient task or a maintenance job while it runs. Code that runs within it adds to the
// record; outside of any work that does nothing.

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
  /** The kind of analysis, task or job: one of a few words. */
  kind: string;
  startMs: number;
  /** When the concurrency limiter let it begin; null while it waits. */
  admittedMs: number | null;
  stages: TimedStage[];
  /** Of the videos that were fetched. */
  bytes: number;
}

const storage = new AsyncLocalStorage<WorkRecord>();

export const nowMs = () => performance.timeOrigin + performance.now();

export const withRecord = <T>(record: WorkRecord, work: () => T): T => storage.run(record, work);

export function noteStage(stage: Stage, startMs: number, endMs: number): void {
  storage.getStore()?.stages.push({ stage, startMs, endMs });
}

export function noteAdmitted(): void {
  const record = storage.getStore();
  if (record) record.admittedMs ??= nowMs();
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
