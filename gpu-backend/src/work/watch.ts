// Records work from its start to its end: metrics, the log and traces are all made of the one record.

import type { ProblemCode } from "@twinframe/shared/problem";
import { toProblem } from "@twinframe/shared/problem";
import { currentRequest, type RequestContext } from "./request-context.ts";
import type { RunTask } from "./task-registry.ts";
import type { WorkKind } from "./work-kinds.ts";
import { nowMs, type WorkRecord, withRecord } from "./work-record.ts";

export interface EndedWork extends WorkRecord {
  /** The request that started it. */
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

  /** Calls the listener for all work that ends from now on. */
  onEnded(listener: OnWorkEnded): void {
    this.#listeners.push(listener);
  }

  /** The same work, recorded. */
  observe<Request, Result>(
    { operation, kindOf, outcomeOf }: WorkKind<Request, Result>,
    run: RunTask<Request, Result>,
  ): RunTask<Request, Result> {
    return async (id, request, onProgress, signal) => {
      const about = { operation, id, kind: kindOf(request) };
      const record: WorkRecord = { ...about, startMs: nowMs(), admittedMs: null, stages: [], bytes: 0 };
      const requester = currentRequest();
      const end = (how: Pick<EndedWork, "outcome" | "foundBy" | "code">) => {
        this.open.delete(record);
        const ended = { ...record, request: requester, endMs: nowMs(), ...how };
        for (const listener of this.#listeners) listener(ended);
      };
      this.open.add(record);
      try {
        const result = await withRecord(record, () => run(id, request, onProgress, signal));
        end({ ...outcomeOf(request, result), code: null });
        return result;
      } catch (error) {
        end({ outcome: "failed", foundBy: "none", code: toProblem(error).code });
        throw error;
      }
    };
  }
}
