// How far a reconciliation has come, and what its pages have found.

import type { ReferenceKey } from "@twinframe/shared/contract";
import type { Differences } from "./differences.ts";
import type { Turn } from "./turn.ts";

export interface NotedRows {
  others: string[];
  absent: string[];
  /** Of the absent: their sources cannot be read just now. */
  left: number;
}

export interface ReconcileState {
  stage: "rows" | "entries" | "objects" | "end";
  /** Of the rows. */
  after: ReferenceKey | null;
  /** Of the entries and objects. */
  cursor: string | null;
  /** Which generation's entries, which prefix of objects. */
  at: number;
  live: string;
  generations: string[];
  total: number;
  references: number;
  entries: number;
  objects: number;
  failed: number;
  /** Of the page of rows under way, by generation: a turn that is cut off in a repair must not lose them. */
  noted: Record<string, NotedRows>;
  beside: Record<string, number>;
  differences: Differences;
}

/** What one page has found: the state after it. */
export type Page = (turn: Turn, state: ReconcileState, repair: boolean) => Promise<ReconcileState>;
