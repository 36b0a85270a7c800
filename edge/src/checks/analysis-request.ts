import type { AnalysisRequest, VideoSource } from "@twinframe/shared/contract";
import { type ExpectationRow, expectationView } from "../backend-client/store/index-expectation.ts";
import type { JudgedJob } from "./check-job.ts";
import type { Claim } from "./claim.ts";

/** What the backend is asked about a check's video. */
export const analysisRequest = (
  { tenant, options, received, policy }: JudgedJob,
  {
    claim,
    source,
    expects,
    interactive,
  }: { claim: Claim; source: VideoSource; expects: ExpectationRow; interactive: boolean },
): AnalysisRequest => ({
  tenant,
  library: options.library,
  sha256: received.sha256,
  source,
  task: {
    kind: "check",
    index_as: claim.kind === "held" ? claim.referenceId : null,
    ...(options.explain ? { explain: true } : {}),
  },
  ...(policy.version === 0 ? {} : { policy: { visual: policy.visual } }),
  index: expectationView(expects),
  ...(interactive ? { interactive: true } : {}),
});
