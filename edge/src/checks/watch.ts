// A check as its events tell it. Its end is what its row says; how far it is until then is heard from the
// backend, which is listened to and never made to start anything.

import type { Stage } from "@twinframe/shared/contract";
import { followAnalysis } from "../backend-client/analyses.ts";
import { Interrupted, pause } from "../platform/deadline.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { analysisOf, jobOfRow } from "./check-job.ts";
import { recallExplanation } from "./explanation.ts";
import { percentOf } from "./progress.ts";
import type { CheckRow } from "./store/check-row.ts";
import { findCheck, isFinished } from "./store/checks.ts";
import { rowView } from "./view.ts";

export interface CheckEvent {
  /** The percent, which only grows, so that a client can say what it has heard. */
  id: number;
  event: "progress" | "completed" | "failed" | "cancelled";
  data: unknown;
}

export const END_ID = 100;

/** Between two looks at the row: an invocation has a thousand queries, and a stream lasts ten minutes. */
const POLL_MS = 500;
const QUICK_POLLS = 60;
const SLOW_POLL_MS = 2000;
/** Once the backend is done, the row follows at once. */
const END_POLL_MS = 100;
const END_POLLS = 20;

/** Emits what comes after event `after` until the check has ended or is gone. */
export async function watchCheck(
  context: RequestContext,
  row: CheckRow,
  after: number,
  emit: (event: CheckEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { DB, OBJECTS } = context.bindings;
  const analysis = analysisOf(jobOfRow(row));
  const say = growing(after, emit);
  const onProgress = (stage: Stage, fraction: number) => say(stage, percentOf(stage, fraction));
  // Not begun yet, or the backend is away: the next look tries again.
  const follow = () => followAnalysis(context.config, analysis, onProgress, signal).catch(() => false);
  let following: Promise<boolean> | null = null;
  let endPolls: number | null = null;
  let current: CheckRow | null = row;
  for (let looks = 0; current !== null; looks++) {
    if (isFinished(current)) {
      const data = rowView(current, await recallExplanation(OBJECTS, current));
      return emit({ id: END_ID, event: current.status as "completed" | "failed" | "cancelled", data });
    }
    say("queued", 0);
    if (current.status === "running") following ??= follow();
    const isEnding = endPolls !== null && endPolls-- > 0;
    try {
      await pause(isEnding ? END_POLL_MS : looks < QUICK_POLLS ? POLL_MS : SLOW_POLL_MS, signal);
    } catch (error) {
      if (error instanceof Interrupted) return;
      throw error;
    }
    const hasEnded: boolean | null = await outcomeByNow(following);
    if (hasEnded !== null) following = null;
    if (hasEnded) endPolls ??= END_POLLS;
    current = await findCheck(DB, row.id);
  }
}

/** Null: not settled yet. */
const outcomeByNow = <T>(promise: Promise<T> | null): Promise<T | null> => Promise.race([promise, null]);

/** Emits progress as long as it grows. */
function growing(after: number, emit: (event: CheckEvent) => void) {
  let last = after;
  return (stage: Stage | "queued", percent: number): void => {
    if (percent <= last) return;
    last = percent;
    emit({ id: percent, event: "progress", data: { stage, percent } });
  };
}
