import type { AppContext } from "./http-types.ts";

export const LONGEST_WAIT_S = 60;

/** How long the client wants to wait (RFC 7240), and says so in the response when it was asked for. */
export function preferredWaitMs(c: AppContext, defaultS = 30): number {
  const asked = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(c.req.header("prefer") ?? "")?.[1];
  if (asked === undefined) return defaultS * 1000;
  const waitS = Math.min(LONGEST_WAIT_S, Number(asked));
  c.header("preference-applied", `wait=${waitS}`);
  return waitS * 1000;
}

/** Keeps work going when the client goes away before it hears the answer. */
export function untilDone<T>(c: AppContext, work: Promise<T>): Promise<T> {
  c.executionCtx.waitUntil(work.catch(() => {}));
  return work;
}
