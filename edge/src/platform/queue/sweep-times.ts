const STUCK_MS = 15 * 60_000;
/** A message that is on its way comes first. */
const OVERDUE_MS = 60_000;

/** What a sweep goes by. */
export interface SweepTimes {
  nowMs: number;
  nowIso: string;
  /** Work that was not touched since then is taken up, whoever had it. */
  stuckIso: string;
  /** Work that is due since then is taken up. */
  overdueIso: string;
}

/** `dueMs`: the time that the sweep stands for, which may lie ahead. */
export const sweepTimes = (dueMs: number, nowMs: number): SweepTimes => ({
  nowMs,
  nowIso: new Date(nowMs).toISOString(),
  stuckIso: new Date(dueMs - STUCK_MS).toISOString(),
  overdueIso: new Date(dueMs - OVERDUE_MS).toISOString(),
});
