// The request that running code belongs to, without a parameter in each call.

import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "@twinframe/shared/trace-context";

export interface RequestContext {
  requestId: string;
  /** As the edge sent it; null without tracing. */
  trace: TraceContext | null;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const currentRequest = (): RequestContext | undefined => storage.getStore();
export const inRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);
