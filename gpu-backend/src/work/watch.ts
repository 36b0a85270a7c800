// Watches work from its start to its end: metrics, the log and traces are all made of the one record.

import type { ProblemCode } from "@twinframe/shared/problem";
import { toProblem } from "@twinframe/shared/problem";
import { currentRequest, type RequestContext } from "./request-context.ts";
import type { RunWork } from "./task-registry.ts";
import type { WorkKind } from "./work-kinds.ts";
import { nowMs, recorded, type WorkRecord } from "./work-record.ts";

export interface EndedWork extends WorkRecord {
  /** Who asked for it first. */
  request: RequestContext | undefined;
  endMs: number;
  outcome: string;
  foundBy: string;
  /** Of the problem that it ended with; null for a result. */
  code: ProblemCode | null;
}

export type OnWorkEnded = (work: EndedWork) => void;

export class WorkWatch {
  /** What has not ended. */
  readonly open = new Set<WorkRecord>();
  readonly #listeners: OnWorkEnded[] = [];

  /** The listener hears of all work that ends from now on. */
  tell(listener: OnWorkEnded): void {
    this.#listeners.push(listener);
  }

  /** The same work, watched. */
  over<Request, Result>(
    { operation, kindOf, outcomeOf }: WorkKind<Request, Result>,
    run: RunWork<Request, Result>,
  ): RunWork<Request, Result> {
    return async (id, request, onProgress, signal) => {
      const about = { operation, id, kind: kindOf(request) };
      const record: WorkRecord = { ...about, startMs: nowMs(), slotMs: null, stages: [], bytes: 0 };
      const asker = currentRequest();
      const end = (how: Pick<EndedWork, "outcome" | "foundBy" | "code">) => {
        this.open.delete(record);
        const ended = { ...record, request: asker, endMs: nowMs(), ...how };
        for (const listener of this.#listeners) listener(ended);
      };
      this.open.add(record);
      try {
        const result = await recorded(record, () => run(id, request, onProgress, signal));
        end({ ...outcomeOf(request, result), code: null });
        return result;
      } catch (error) {
        end({ outcome: "failed", foundBy: "none", code: toProblem(error).code });
        throw error;
      }
    };
  }
}
