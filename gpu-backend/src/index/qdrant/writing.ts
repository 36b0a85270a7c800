// The options of every write: it waits until it is applied, in one order on all replicas.

import type { Schemas } from "@qdrant/js-client-rest";

export const WRITE = { wait: true, ordering: "strong" } as const;
export const WRITE_QUERY = "?wait=true&ordering=strong";

type Update = Pick<Schemas["UpdateResult"], "status">;

/** A write that was only acknowledged counts as failed: the caller reports that and writes again. */
export function requireApplied({ status }: Update): void {
  if (status !== "completed") throw new Error(`the server says of a write that it is ${status}`);
}
