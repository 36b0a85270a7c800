// A reference's video once more: its kept original, or its source where that can be fetched again.

import type { VideoSource } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { dropObject } from "../ingest/drop-object.ts";
import { objectSource } from "../ingest/object-source.ts";
import { receiveVideo } from "../ingest/receive.ts";
import { isS3Address } from "../ingest/s3-address.ts";
import type { RequestContext } from "../platform/request-context.ts";
import type { WalkedReference } from "./store/reference-walk.ts";

export interface Original {
  source: VideoSource;
  /** Deletes what was fetched for this. */
  drop: () => void;
}

/** Our own copy, or where it lies in a bucket of the user's; null when there is neither. */
async function keptKey(
  { bindings }: RequestContext,
  { object_key: key }: WalkedReference,
): Promise<string | null> {
  if (key === null || isS3Address(key)) return key;
  return (await bindings.OBJECTS.head(key)) === null ? null : key;
}

/** Problems: `object_not_found`, those of intake, and `sha256_mismatch` when the source has another video now. */
export async function originalOf(
  context: RequestContext,
  row: WalkedReference,
  /** A key under intake/ of its own: what a lost turn has fetched is not fetched again. */
  objectKey: string,
): Promise<Original> {
  const kept = await keptKey(context, row);
  if (kept !== null) return { source: await objectSource(context.config, row.tenant, kept), drop: () => {} };
  const { kind, url } = JSON.parse(row.source) as { kind: string; url?: string };
  if (kind !== "url" || url === undefined) {
    throw new ProblemError(
      "object_not_found",
      "Its original was not kept. Delete it and add its video again.",
    );
  }
  let key = objectKey;
  if ((await context.bindings.OBJECTS.head(objectKey)) === null) {
    const received = await receiveVideo(context, {
      tenant: row.tenant,
      origin: { kind: "url", url },
      objectKey,
    });
    key = received.objectKey;
    if (received.sha256 !== row.sha256) {
      dropObject(context, key);
      throw new ProblemError(
        "sha256_mismatch",
        "Its source has another video now. Add it as a new reference.",
      );
    }
  }
  return {
    source: await objectSource(context.config, row.tenant, key),
    drop: () => dropObject(context, key),
  };
}
