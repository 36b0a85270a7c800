import { ProblemError } from "@twinframe/shared/problem";

const RETRY_AFTER_S = 5;

export const stillAtWork = () =>
  new ProblemError(
    "analysis_timeout",
    "The video is still being analysed. Send the same request again in a few seconds; nothing is done twice.",
    { retryAfterS: RETRY_AFTER_S },
  );
