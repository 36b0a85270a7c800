import { DEFAULT_POLICY, type VersionedPolicy } from "@twinframe/shared/contract";

export const DEFAULT_VERSIONED: VersionedPolicy = { ...DEFAULT_POLICY, version: 0 };

/** The policy in force, from what a library's row says; undefined: it has none. */
export function policyOfRow(
  row: { policy: string | null; policy_version: number | null } | undefined,
): VersionedPolicy {
  if (!row?.policy) return DEFAULT_VERSIONED;
  return { ...JSON.parse(row.policy), version: row.policy_version ?? 0 };
}
