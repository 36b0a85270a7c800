// What a tenant has in each store: taken away, and asked for once more.

import { removeTenantEntries } from "../clients/maintenance.ts";
import { verdictsOf } from "../fast-path/verdict-cache.ts";
import { installationOf } from "../index-identity.ts";
import { isS3Address } from "../intake/s3-address.ts";
import { quotaOf } from "../quota/places.ts";
import type { Services } from "../services.ts";
import { raiseIndexEpoch } from "../stores/epochs.ts";
import { countRows, deletePiece, nextPiece, TENANT_TABLES, type TenantTable } from "../stores/tenant-data.ts";

/** Takes away a piece; how much that was. Nothing is left when it was nothing. */
export type Removal = (services: Services, tenant: string) => Promise<number>;

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
const epochs: Removal = async (services, tenant) => {
  const removed = await rowsOf("library_epochs")(services, tenant);
  if (removed > 0) await raiseIndexEpoch(services.bindings.DB);
  return removed;
};

/** In this order: what names objects of others goes last, and the keys at the very end. */
export const REMOVALS: Record<string, Removal> = {
  index: async (services, tenant) =>
    removeTenantEntries(services.config, await installationOf(services), tenant),
  ...Object.fromEntries((Object.keys(TENANT_TABLES) as TenantTable[]).map((table) => [table, rowsOf(table)])),
  library_epochs: epochs,
  objects,
  cached_verdicts: cachedVerdicts,
  quota_counters: quotaCounters,
};

/** Every store asked again; of the index, by removing once more from all generations. */
export async function leftOf(services: Services, tenant: string): Promise<Record<string, number>> {
  const { bindings } = services;
  const stored = await bindings.OBJECTS.list({ prefix: originalsOf(tenant) });
  const verdicts = await bindings.VERDICTS.list({ prefix: verdictsOf(tenant) });
  return {
    index: await REMOVALS.index!(services, tenant),
    ...(await countRows(bindings.DB, tenant)),
    objects: stored.objects.length,
    cached_verdicts: verdicts.keys.length,
    quota_counters: await quotaOf(bindings, tenant).size(),
  };
}
