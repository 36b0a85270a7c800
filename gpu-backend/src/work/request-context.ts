// Which request the code at work belongs to, without its being handed from call to call.

import { AsyncLocalStorage } from "node:async_hooks";
import type { TraceContext } from "@twinframe/shared/trace-context";

export interface RequestContext {
  requestId: string;
  /** As the edge sent it; null when nobody traces. */
  trace: TraceContext | null;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const currentRequest = (): RequestContext | undefined => storage.getStore();
export const inRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);
