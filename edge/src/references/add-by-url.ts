// References that are known by the address of their video.

import type { ReferenceKey } from "@twinframe/shared/contract";
import { referenceOptionsSchema } from "@twinframe/shared/contract";
import { ProblemError } from "@twinframe/shared/problem";
import { sha256Hex } from "@twinframe/shared/signing";
import { descriptorSlice } from "../backend-client/backend-questions.ts";
import { stillAtWork } from "../backend-client/still-at-work.ts";
import { refuseAddress } from "../ingest/refuse-address.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { addReference } from "./add.ts";
import type { ReferenceRow } from "./store/reference-row.ts";

export interface UrlSubmission {
  tenant: string;
  library: string;
  url: string;
  waitMs: number;
}

/** Adds the video and gives the number of its vectors in the index; content that is there already is not added. */
export async function addByUrl(context: RequestContext, submission: UrlSubmission): Promise<number> {
  const key = await added(context, submission);
  const slice = await descriptorSlice(context.config, key, { offset: 0, limit: 1 });
  if (slice === null) throw new ProblemError("index_unavailable", "The index lacks this video; try again.");
  return slice.total;
}

async function added(
  context: RequestContext,
  { tenant, library, url, waitMs }: UrlSubmission,
): Promise<ReferenceKey> {
  refuseAddress(url, context.config, tenant);
  const id = `url_${(await sha256Hex(url)).slice(0, 32)}`;
  const options = referenceOptionsSchema.parse({ id, library, metadata: { video_url: url } });
  try {
    const origin = { kind: "url" as const, url };
    const { status } = await addReference(context, { tenant, options, origin, waitMs });
    if (status === 202) throw stillAtWork();
    return { tenant, library, id };
  } catch (error) {
    const holder = error instanceof ProblemError ? error.options.referenceId : undefined;
    if (holder === undefined || (error as ProblemError).code !== "reference_content_conflict") throw error;
    // The same bytes under another address.
    return { tenant, library, id: holder };
  }
}

/** The address that a reference was added by, or its id where it has none. */
export function addressOf(row: ReferenceRow): string {
  const { video_url } = JSON.parse(row.metadata) as { video_url?: unknown };
  if (typeof video_url === "string") return video_url;
  const { url } = JSON.parse(row.source) as { url?: unknown };
  return typeof url === "string" ? url : row.id;
}
