// The problem of work that a backend refuses because it is about to stop.

import { ProblemError } from "@twinframe/shared/problem";

class ShuttingDown extends ProblemError {
  constructor() {
    super("backend_unavailable", "This backend is shutting down; ask again, another one answers.", {
      retryAfterS: 2,
    });
  }
}

export const shuttingDown = (): ProblemError => new ShuttingDown();
export const isShuttingDown = (error: unknown): boolean => error instanceof ShuttingDown;
