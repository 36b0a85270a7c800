import { tooMuchAtOnce } from "../auth/places.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { countPromisedReferences } from "./store/open-references.ts";

const RETRY_AFTER_S = 10;

/**
 * More references than a tenant may have promised and not indexed are refused before any of their bytes are read.
 * Problem: `too_much_at_once`.
 */
export async function refuseTooManyReferences(
  { bindings, config }: RequestContext,
  tenant: string,
): Promise<void> {
  const { openReferences: most } = config.tenantLimits;
  const open = await countPromisedReferences(bindings.DB, tenant, most);
  if (open >= most) throw tooMuchAtOnce(`${most} references that are not indexed yet`, RETRY_AFTER_S);
}
