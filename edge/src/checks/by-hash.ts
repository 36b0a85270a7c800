// A check of bytes that nobody has sent, by the SHA-256 that the client says they have. It can only find what is
// a reference already; nothing is indexed or remembered by it.

import { ProblemError } from "@twinframe/shared/problem";
import type { RequestContext } from "../platform/request-context.ts";
import type { CheckJob } from "./check-job.ts";
import { completeKnown } from "./complete.ts";
import type { CompletedCheck } from "./completed-check.ts";
import { lookUp } from "./exact-match/look-up.ts";

export async function checkByHash(
  context: RequestContext,
  job: CheckJob,
  sha256: string,
): Promise<CompletedCheck> {
  const { tenant, options } = job;
  const content = { tenant, library: options.library, sha256 };
  const { known, policy } = await lookUp(context, content, { analysis: true });
  if (known === null) {
    throw new ProblemError(
      "content_unknown",
      `No reference of the library "${options.library}" has this SHA-256. Send the video itself: its bytes, a URL or an upload.`,
    );
  }
  const received = { objectKey: "", sha256, bytes: 0, intakeMs: 0 };
  return completeKnown(context, { ...job, received }, known, policy);
}
