import type { Scope } from "../../../../shared/src/contract/index.ts";

/** What the campaign needs of an operation of the edge (edge/test/operations.ts). */
export interface EdgeOperation {
  method: string;
  path: string;
  scope: Scope | null;
  operator: boolean;
  takesBody: boolean;
}

// By address: the edge's types are those of the Worker's runtime, which this project does not know.
const address = new URL("../../../../edge/test/operations.ts", import.meta.url).href;
const { OPERATIONS } = (await import(address)) as { OPERATIONS: readonly EdgeOperation[] };

/** Those that need a key. */
export const guardedOperations = OPERATIONS.filter(({ scope }) => scope !== null);
