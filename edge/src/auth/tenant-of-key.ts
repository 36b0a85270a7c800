// Whose keys and usage a request is about.

import { nameSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { Caller } from "../platform/http/caller.ts";

export const namedTenant = nameSchema.optional().meta({
  description: "Another tenant than the key's own: only for the operator's key.",
});

/** The caller's own tenant, or the one that an operator names. Problem: `insufficient_scope`. */
export function permittedTenant({ tenant, operator }: Caller, named: string | undefined): string {
  if (named === undefined || named === tenant || operator) return named ?? tenant;
  throw new ProblemError(
    "insufficient_scope",
    "Only the operator's key may name another tenant than its own.",
  );
}
