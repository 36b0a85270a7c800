import { ProblemError } from "@twinframe/shared/problem";

export const backendUnavailable = (cause?: unknown) =>
  new ProblemError(
    "backend_unavailable",
    "The video could not be analysed now; try again in a few seconds.",
    {
      retryAfterS: 5,
      cause,
    },
  );
