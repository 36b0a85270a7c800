import type { Scope } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import type { MiddlewareHandler } from "hono";
import type { Caller } from "../platform/http/caller.ts";
import type { AppEnv } from "../platform/http/http-types.ts";
import type { NeededScopes } from "../platform/openapi/route.ts";

/** For what a request asks beyond its route's own scope. Problem: `insufficient_scope`. */
export function refuseWithoutScope({ scopes }: Caller, scope: Scope): void {
  if (!scopes.includes(scope) && !scopes.includes("admin"))
    throw new ProblemError("insufficient_scope", `This needs an API key with the scope ${scope}.`);
}

function refuseNonOperator({ operator }: Caller): void {
  if (operator) return;
  throw new ProblemError(
    "insufficient_scope",
    "This acts on the whole installation: it needs an API key with the scopes admin and operator.",
  );
}

/** What only an operator may do is `admin` of the whole installation. Problem: `insufficient_scope`. */
export const requireScopes =
  ({ scope, also = scope, operator }: NeededScopes): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const caller = c.get("caller");
    for (const one of [scope, also]) refuseWithoutScope(caller, one);
    if (operator) refuseNonOperator(caller);
    await next();
  };
