import { ProblemError } from "@twinframe/shared/problem";

export const storeUnavailable = (cause?: unknown) =>
  new ProblemError(
    "backend_unavailable",
    "The object store does not do this now; try again in a few seconds.",
    { retryAfterS: 5, cause },
  );
