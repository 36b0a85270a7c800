import { tooMuchAtOnce } from "../auth/places.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { countOpenChecks } from "./store/open-checks.ts";

const RETRY_AFTER_S = 10;

/**
 * More checks than a tenant may have open are refused before any of their bytes are read. Requests at the same moment
 * may pass together; how many of them there are is bounded as well. Problem: `too_much_at_once`.
 */
export async function refuseTooManyChecks(
  { bindings, config }: RequestContext,
  tenant: string,
): Promise<void> {
  const { openChecks: most } = config.tenantLimits;
  const open = await countOpenChecks(bindings.DB, tenant, most);
  if (open >= most) throw tooMuchAtOnce(`${most} checks that have not ended`, RETRY_AFTER_S);
}
