import type { CheckOptions, ReferenceKey, VersionedPolicy } from "@twinframe/shared/contract";
import type { NamedAnalysis } from "../backend-client/analyses.ts";
import type { ReceivedVideo } from "../ingest/receive.ts";
import type { VideoOrigin } from "../ingest/video-origin.ts";
import type { CheckRow } from "./store/check-row.ts";
import type { UnfinishedCheck } from "./store/checks.ts";

/** A check under way, as one step leaves it to the next: no step changes the job that it was given. */
export interface CheckJob {
  readonly id: string;
  readonly tenant: string;
  readonly options: CheckOptions;
  readonly createdAt: string;
  /** Null when the video has been received, by us or by a former holder of the job. */
  readonly origin: VideoOrigin | null;
  /** Null until the video is in the object store. */
  readonly received: ReceivedVideo | null;
  /** What its analysis is judged by, once that has begun: asked for again, it must be the same request. */
  readonly policy: VersionedPolicy | null;
  /** Whether its row has been written. */
  readonly isStored: boolean;
}

export type ReceivedJob = CheckJob & { readonly received: ReceivedVideo };
export type JudgedJob = ReceivedJob & { readonly policy: VersionedPolicy };

export const checkObjectKey = (job: CheckJob) => `intake/${job.id}`;

/**
 * Its analysis. One that may index goes where all such of its library go: there they wait for one another, so that
 * of two copies at once one joins.
 */
export const analysisOf = ({
  id,
  tenant,
  options,
}: Pick<CheckJob, "id" | "tenant"> & {
  options: { index: string; library: string };
}): NamedAnalysis => (options.index === "never" ? { id } : { id, affinity: `${tenant}/${options.library}` });

/** The reference that the check makes when it may; made from the check's id, so that a retry makes the same. */
export const claimKey = ({ id, tenant, options }: CheckJob): ReferenceKey => ({
  tenant,
  library: options.library,
  id: options.reference_id ?? `ref_${id.slice(id.indexOf("_") + 1)}`,
});

export function rowOfJob(job: CheckJob): UnfinishedCheck {
  const { id, tenant, options, createdAt, origin, received, policy, isStored } = job;
  return {
    id,
    tenant,
    library: options.library,
    status: received === null ? "queued" : "running",
    request: JSON.stringify(options),
    source_url: received === null && origin?.kind === "url" ? origin.url : null,
    sha256: received?.sha256 ?? null,
    bytes: received?.bytes ?? null,
    object_key: received?.objectKey ?? null,
    intake_ms: received?.intakeMs ?? null,
    policy: policy === null ? null : JSON.stringify(policy),
    created_at: createdAt,
    isStored,
  };
}

export function jobOfRow(row: CheckRow): CheckJob {
  const received =
    row.sha256 === null || row.object_key === null
      ? null
      : {
          sha256: row.sha256,
          objectKey: row.object_key,
          bytes: row.bytes ?? 0,
          intakeMs: row.intake_ms ?? 0,
        };
  return {
    id: row.id,
    tenant: row.tenant,
    options: JSON.parse(row.request) as CheckOptions,
    createdAt: row.created_at,
    origin: row.source_url === null ? null : { kind: "url", url: row.source_url },
    received,
    policy: row.policy === null ? null : JSON.parse(row.policy),
    isStored: true,
  };
}
