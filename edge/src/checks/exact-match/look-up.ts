// Fast path's one entry: content by its SHA-256 ─▶ the verdict, when D1 or the cache knows it.

import type { VersionedPolicy } from "@twinframe/shared/contract";
import { type CrashRow, crashesOf } from "../../backend-client/store/analysis-crashes.ts";
import { type ExpectationRow, expectationOf } from "../../backend-client/store/index-expectation.ts";
import { type EpochRow, epochOf, policyOf, policyOfRow } from "../../libraries/index.ts";
import type { RequestContext } from "../../platform/request-context.ts";
import type { ReferenceRow } from "../../references/index.ts";
import { readyByContent, sameBytesMatch } from "../../references/index.ts";
import type { KnownVerdict } from "./known-verdict.ts";
import { type CacheEpoch, type CacheKey, recallVerdict } from "./verdict-cache.ts";

export interface LookUp {
  /** Of the library as the check began; what the check finds is cached under it. */
  epoch: CacheEpoch;
  /** Of the library, as of that epoch. */
  policy: VersionedPolicy;
  known: KnownVerdict | null;
  /** Of the index, which answers what is not known. */
  expects: ExpectationRow;
  /** Of earlier analyses of this content; null where none has broken off. */
  crashes: CrashRow | null;
}

const cacheEpoch = ({ whole, epoch, model }: EpochRow): CacheEpoch => ({
  text: `${whole}.${epoch}`,
  model: model === null ? null : JSON.parse(model),
});

const sameBytes = (row: ReferenceRow): KnownVerdict => ({
  foundBy: "exact_bytes",
  matches: [sameBytesMatch(row)],
  durationS: row.duration_s,
  seenS: row.seen_s,
  frames: row.frames,
  model: null,
});

export async function lookUp(
  context: RequestContext,
  { tenant, library, sha256 }: Omit<CacheKey, "epoch">,
  /** With `analysis`, a verdict that an earlier analysis gave is not enough. */
  needs: { analysis: boolean },
): Promise<LookUp> {
  const db = context.bindings.DB;
  const [references, epochs, policies, expectations, crashed] = await db.batch([
    readyByContent(db, tenant, library, sha256),
    epochOf(db, tenant, library),
    policyOf(db, tenant, library),
    expectationOf(db, tenant, library),
    crashesOf(db, { tenant, work: sha256 }),
  ]);
  const epoch = cacheEpoch(epochs!.results[0] as EpochRow);
  const policy = policyOfRow(policies?.results[0] as Parameters<typeof policyOfRow>[0]);
  const row = references?.results[0] as ReferenceRow | undefined;
  const expects = expectations!.results[0] as ExpectationRow;
  const crashes = (crashed?.results[0] as CrashRow | undefined) ?? null;
  const found = (known: KnownVerdict | null): LookUp => ({ epoch, policy, known, expects, crashes });
  if (row !== undefined) return found(sameBytes(row));
  if (needs.analysis) return found(null);
  return found(await recallVerdict(context, { tenant, library, epoch, sha256 }));
}
