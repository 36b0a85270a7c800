// The kind and the outcome of each operation, for its record: a few words each, so that they can be labels of metrics.
// No tenant, library or id.

import {
  type AnalysisRequest,
  type AnalysisResult,
  type Answer,
  bestVerdict,
  type MaintenanceRequest,
  type MaintenanceResult,
  type QuestionRequest,
} from "@twinframe/shared/contract";
import type { Operation } from "./work-record.ts";

export interface WorkOutcome {
  outcome: string;
  foundBy: string;
}

export interface WorkKind<Request, Result> {
  operation: Operation;
  kindOf(request: Request): string;
  outcomeOf(request: Request, result: Result): WorkOutcome;
}

export const ANALYSIS: WorkKind<AnalysisRequest, AnalysisResult> = {
  operation: "analysis",
  kindOf: ({ task }) => task.kind,
  outcomeOf: ({ task }, { matches, found_by }) => ({
    outcome: task.kind === "reference" ? "indexed" : bestVerdict(matches),
    foundBy: found_by ?? "none",
  }),
};

export const TRANSIENT_TASK: WorkKind<QuestionRequest, Answer> = {
  operation: "question",
  kindOf: ({ question }) => question.kind,
  outcomeOf: () => ({ outcome: "answered", foundBy: "none" }),
};

export const MAINTENANCE: WorkKind<MaintenanceRequest, MaintenanceResult> = {
  operation: "maintenance",
  kindOf: ({ kind }) => kind,
  outcomeOf: () => ({ outcome: "done", foundBy: "none" }),
};
