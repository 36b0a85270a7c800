// What a tenant has in each store: taken away, and asked for once more.

import { quotaOf } from "../auth/places.ts";
import { installationOf } from "../backend-client/index-identity.ts";
import { removeTenantEntries } from "../backend-client/maintenance.ts";
import { verdictsOf } from "../checks/index.ts";
import { isS3Address } from "../ingest/s3-address.ts";
import { raiseIndexEpoch } from "../libraries/index.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { countRows, deletePiece, nextPiece, TENANT_TABLES, type TenantTable } from "./store/tenant-data.ts";

/** Takes away a piece; how much that was. Nothing is left when it was nothing. */
export type Removal = (context: RequestContext, tenant: string) => Promise<number>;

const ROWS = 200;
/** R2 deletes a thousand at once. */
const OBJECTS = 1000;
/** One call each. */
const VERDICTS = 100;

const rowsOf =
  (table: TenantTable): Removal =>
  async ({ bindings: { DB, OBJECTS: store } }, tenant) => {
    const { keys, objects } = await nextPiece(DB, table, tenant, ROWS);
    if (keys.length === 0) return 0;
    const ours = objects.filter((key) => key !== "" && !isS3Address(key));
    if (ours.length > 0) await store.delete(ours);
    return deletePiece(DB, table, tenant, keys);
  };

const originalsOf = (tenant: string) => `references/${tenant}/`;

const objects: Removal = async ({ bindings }, tenant) => {
  const listed = await bindings.OBJECTS.list({ prefix: originalsOf(tenant), limit: OBJECTS });
  const keys = listed.objects.map(({ key }) => key);
  if (keys.length > 0) await bindings.OBJECTS.delete(keys);
  return keys.length;
};

const cachedVerdicts: Removal = async ({ bindings }, tenant) => {
  const { keys } = await bindings.VERDICTS.list({ prefix: verdictsOf(tenant), limit: VERDICTS });
  await Promise.all(keys.map(({ name }) => bindings.VERDICTS.delete(name)));
  return keys.length;
};

const quotaCounters: Removal = async ({ bindings }, tenant) => quotaOf(bindings, tenant).forget();

/** With the rows of its epochs gone, those that were cached must not come into force again. */
const epochs: Removal = async (context, tenant) => {
  const removed = await rowsOf("library_epochs")(context, tenant);
  if (removed > 0) await raiseIndexEpoch(context.bindings.DB);
  return removed;
};

/** In this order: what names objects of others goes last, and the keys at the very end. */
export const REMOVALS: Record<string, Removal> = {
  index: async (context, tenant) =>
    removeTenantEntries(context.config, await installationOf(context), tenant),
  ...Object.fromEntries((Object.keys(TENANT_TABLES) as TenantTable[]).map((table) => [table, rowsOf(table)])),
  library_epochs: epochs,
  objects,
  cached_verdicts: cachedVerdicts,
  quota_counters: quotaCounters,
};

/** Every store asked again; of the index, by removing once more from all generations. */
export async function leftOf(context: RequestContext, tenant: string): Promise<Record<string, number>> {
  const { bindings } = context;
  const stored = await bindings.OBJECTS.list({ prefix: originalsOf(tenant) });
  const verdicts = await bindings.VERDICTS.list({ prefix: verdictsOf(tenant) });
  return {
    index: await REMOVALS.index!(context, tenant),
    ...(await countRows(bindings.DB, tenant)),
    objects: stored.objects.length,
    cached_verdicts: verdicts.keys.length,
    quota_counters: await quotaOf(bindings, tenant).size(),
  };
}
