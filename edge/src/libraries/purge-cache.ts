import type { PurgeCache } from "@twinframe/shared/contract";
import type { RequestContext } from "../platform/request-context.ts";
import { raiseEpoch, raiseIndexEpoch, raiseTenantEpochs } from "./store/epochs.ts";

/** No verdict counts that was cached before: everywhere, of a tenant, or of a library. How many libraries' epochs. */
export async function purgeCache(
  { bindings: { DB } }: RequestContext,
  { tenant, library }: PurgeCache,
): Promise<number | null> {
  if (tenant === undefined) {
    await raiseIndexEpoch(DB);
    return null;
  }
  if (library === undefined) return raiseTenantEpochs(DB, tenant);
  await raiseEpoch(DB, tenant, library).run();
  return 1;
}
