// While the operator replaces WEBHOOK_SECRET_KEY: what the key before sealed is sealed anew, so that it can go.

import type { RequestContext } from "../platform/request-context.ts";
import { addressOwner } from "./addresses.ts";
import { seal, sealPrefix, unseal } from "./seal.ts";
import { secretOwner } from "./secrets.ts";
import { replaceSealed, type SealedRow, sealedOtherwise } from "./store/webhook-sealed.ts";

const PAGE_ROWS = 200;
/** A sweep's bound, of each table; the next one goes on. */
const MAX_PAGES = 10;

const ownerOf = (row: SealedRow) =>
  row.kind === "address"
    ? addressOwner(row.id)
    : secretOwner({ tenant: row.tenant, endpointId: row.endpoint_id });

/** How many rows were sealed anew, and how many neither key opens. Looks at nothing where there is one key. */
export async function resealWebhooks({ bindings, config }: RequestContext) {
  const counts = { resealed: 0, unreadable: 0 };
  if (config.webhooks.secretKeys.length === 1) return counts;
  const prefix = await sealPrefix(config);
  for (const kind of ["secret", "address"] as const) {
    let after = 0;
    for (let page = 0; page < MAX_PAGES; page++) {
      const rows = await sealedOtherwise(bindings.DB, kind, prefix, after, PAGE_ROWS);
      const statements: D1PreparedStatement[] = [];
      for (const row of rows) {
        after = row.position;
        const text = await unseal(config, ownerOf(row), row.sealed);
        if (text === null) counts.unreadable++;
        else statements.push(replaceSealed(bindings.DB, row, await seal(config, ownerOf(row), text)));
      }
      if (statements.length > 0) await bindings.DB.batch(statements);
      counts.resealed += statements.length;
      if (rows.length < PAGE_ROWS) break;
    }
  }
  return counts;
}
