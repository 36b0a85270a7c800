// What a question is about, made ready for the backend.

import type { QuestionSubject } from "@twinframe/shared/contract";
import { newId } from "@twinframe/shared/ids";
import { objectSource } from "../ingest/object-source.ts";
import { receiveVideo } from "../ingest/receive.ts";
import type { VideoOrigin } from "../ingest/video-origin.ts";
import type { RequestContext } from "../platform/request-context.ts";
import { readyReference } from "../references/index.ts";

/** A video that is sent or fetched for this question, or a reference. */
export type AskedVideo = VideoOrigin | { kind: "reference"; library: string; id: string };

export interface ReadSubject {
  subject: QuestionSubject;
  /** What makes it the same when it is asked about again. */
  identity: readonly string[];
  /** To be deleted when the question is answered; null for a reference. */
  objectKey: string | null;
}

export async function readSubject(
  context: RequestContext,
  tenant: string,
  asked: AskedVideo,
  signal: AbortSignal,
): Promise<ReadSubject> {
  if (asked.kind === "reference") {
    const { library, id } = asked;
    const row = await readyReference(context, { tenant, library, id });
    const subject = { kind: "reference" as const, library, reference_id: id };
    return { subject, identity: ["reference", library, id, row.job_id], objectKey: null };
  }
  const intake = { tenant, origin: asked, objectKey: `intake/${newId("job")}`, signal };
  const { sha256, objectKey } = await receiveVideo(context, intake);
  const source = await objectSource(context.config, tenant, objectKey);
  return { subject: { kind: "video", sha256, source }, identity: ["video", sha256], objectKey };
}
