// Verdicts of content already analysed, for a day. Only a duplicate is kept: a video found unique, to be reviewed or
// a partial copy may be a duplicate of what joins the library a second later. The epoch in the key ends all of a library's entries
// when one of its references is deleted or its policy changes, and all there are when another model answers.

import { bestVerdict, type FoundBy, type FoundMatch, type ModelIdentity } from "@twinframe/shared/contract";
import type { RequestContext } from "../../platform/request-context.ts";
import { findReferences, takesPart } from "../../references/index.ts";
import type { KnownVerdict } from "./known-verdict.ts";

const LIFE_S = 24 * 3600;

export interface CacheEpoch {
  /** That of the index and that of the library. */
  text: string;
  /** Verdicts of any other model are not cached; null: of every one. */
  model: ModelIdentity | null;
}

export interface CacheKey {
  tenant: string;
  library: string;
  epoch: CacheEpoch;
  sha256: string;
}

export interface CachedVerdict {
  found_by: FoundBy;
  matches: FoundMatch[];
  duration_s: number | null;
  /** Absent from verdicts of before it was kept. */
  seen_s?: number | null;
  frames: number | null;
  model: ModelIdentity | null;
}

export const verdictsOf = (tenant: string) => `verdicts/${tenant}/`;
const keyText = ({ tenant, library, epoch, sha256 }: CacheKey) =>
  `${verdictsOf(tenant)}${library}/${epoch.text}/${sha256}`;

export async function rememberVerdict({ bindings }: RequestContext, key: CacheKey, verdict: CachedVerdict) {
  const { model } = key.epoch;
  // Another process may still have asked the model that was in force before.
  if (model !== null && (model.id !== verdict.model?.id || model.version !== verdict.model.version)) return;
  await bindings.VERDICTS.put(keyText(key), JSON.stringify(verdict), { expirationTtl: LIFE_S });
}

export async function recallVerdict(
  { bindings }: RequestContext,
  key: CacheKey,
): Promise<KnownVerdict | null> {
  // Without the cache the verdict is only later, so its failure is no failure of the check.
  const cached = await bindings.VERDICTS.get<CachedVerdict>(keyText(key), "json").catch(() => null);
  if (cached === null) return null;
  const ids = cached.matches.map((match) => match.reference_id);
  const rows = await findReferences(bindings.DB, key.tenant, key.library, ids);
  const matches = cached.matches.flatMap((match) => {
    const row = rows.get(match.reference_id);
    return takesPart(row) ? [{ ...match, metadata: JSON.parse(row.metadata) }] : [];
  });
  if (matches.length < cached.matches.length || bestVerdict(matches) !== "duplicate") return null;
  const { found_by: foundBy, duration_s: durationS, seen_s: seenS = null, frames, model } = cached;
  return { foundBy, matches, durationS, seenS, frames, model };
}
