// The `webhook_url` of a single check or reference: kept apart from it, and sealed.

import { newId } from "@twinframe/shared/ids";
import type { RequestContext } from "../platform/request-context.ts";
import { receiverUrl } from "./receiver-url.ts";
import { seal, unseal } from "./seal.ts";
import { firstSecret, tenantOwner } from "./secrets.ts";
import { addAddress } from "./store/webhook-addresses.ts";

export const addressOwner = (id: string) => `address ${id}`;

/** Refuses an address that may not be called; nothing to refuse when there is none. */
export function checkAddress({ config }: RequestContext, url: string | undefined): void {
  if (url !== undefined) receiverUrl(config, url, "/webhook_url");
}

/** From here on the address hears how the job ends. */
export async function noteAddress(
  context: RequestContext,
  tenant: string,
  jobId: string,
  url: string | undefined,
): Promise<void> {
  if (url === undefined) return;
  const { bindings, config } = context;
  const nowIso = new Date().toISOString();
  const id = newId("whk");
  const sealedUrl = await seal(config, addressOwner(id), receiverUrl(config, url, "/webhook_url").href);
  const address = { id, tenant, job_id: jobId, sealed_url: sealedUrl, created_at: nowIso };
  const { statement } = await firstSecret(context, tenantOwner(tenant), nowIso);
  await bindings.DB.batch([statement, addAddress(bindings.DB, address)]);
}

export const openAddress = ({ config }: RequestContext, id: string, sealedUrl: string) =>
  unseal(config, addressOwner(id), sealedUrl);
