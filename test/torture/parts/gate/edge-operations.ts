import type { Scope } from "@twinframe/shared/contract";

/** What the campaign needs of an operation of the edge (edge/test/operations.ts). */
export interface EdgeOperation {
  method: string;
  path: string;
  scope: Scope | null;
  operator: boolean;
  takesBody: boolean;
}

// A string, so that its types stay out: those of the edge are of the Worker's runtime, which this project does not know.
const EDGE_OPERATIONS: string = "@twinframe/edge/testing/operations";
const { OPERATIONS } = (await import(EDGE_OPERATIONS)) as { OPERATIONS: readonly EdgeOperation[] };

/** Those that need a key. */
export const guardedOperations = OPERATIONS.filter(({ scope }) => scope !== null);
