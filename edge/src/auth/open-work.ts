// More work than a tenant may have open is refused before any of its bytes are read. Requests at the same moment may
// pass together; how many of them there are is bounded as well.

import type { RequestContext } from "../platform/request-context.ts";
import { tooMuchAtOnce } from "./places.ts";
import { countOpenChecks, countPromisedReferences } from "./store/open-work.ts";

const RETRY_AFTER_S = 10;

/** Problem: `too_much_at_once`. */
export async function refuseTooManyChecks(
  { bindings, config }: RequestContext,
  tenant: string,
): Promise<void> {
  const { openChecks: most } = config.tenantLimits;
  const open = await countOpenChecks(bindings.DB, tenant, most);
  if (open >= most) throw tooMuchAtOnce(`${most} checks that have not ended`, RETRY_AFTER_S);
}

/** Problem: `too_much_at_once`. */
export async function refuseTooManyReferences(
  { bindings, config }: RequestContext,
  tenant: string,
): Promise<void> {
  const { openReferences: most } = config.tenantLimits;
  const open = await countPromisedReferences(bindings.DB, tenant, most);
  if (open >= most) throw tooMuchAtOnce(`${most} references that are not indexed yet`, RETRY_AFTER_S);
}
