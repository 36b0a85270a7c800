// What nearly every handler asks of its request.

import { type RequestContext, requestContextOf } from "../request-context.ts";
import type { AppContext } from "./http-types.ts";

export const contextOf = (c: Pick<AppContext, "env" | "executionCtx">): RequestContext =>
  requestContextOf(c.env, c.executionCtx);

/** The tenant of the key that a request came with. */
export const tenantOf = (c: Pick<AppContext, "get">): string => c.get("caller").tenant;
