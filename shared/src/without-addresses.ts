// What may stand in a log of a text that we did not write: addresses lose all but their scheme, since their user,
// path and query may each be a secret; and so do credentials of ours and of HTTP.

// Of files, stack traces are full.
const ADDRESS = /\b(?!file:)([a-z][a-z0-9+.-]{0,31}):\/\/[^\s"'<>]*/gi;
const CREDENTIAL = /\b(tf_[0-9a-z]{26}_|whsec_|(?:bearer|basic)\s+)[\w+/=.~-]+/gi;
const MAX_CHARS = 2000;

export const withoutAddresses = (text: string): string =>
  text.slice(0, MAX_CHARS).replace(ADDRESS, "$1://…").replace(CREDENTIAL, "$1…");

export interface LoggedError {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: LoggedError;
}

/** An error for a log: no properties but these, which libraries fill with whole addresses. */
export function loggedError(error: unknown, depth = 3): LoggedError {
  if (!(error instanceof Error)) {
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
    const text = typeof error === "string" ? error : typeof message === "string" ? message : "";
    return {
      type: typeof error,
      message: withoutAddresses(text),
      ...(typeof code === "string" ? { code } : {}),
    };
  }
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: withoutAddresses(error.message),
    ...(typeof code === "string" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: withoutAddresses(error.stack) }),
    ...(error.cause === undefined || depth === 0 ? {} : { cause: loggedError(error.cause, depth - 1) }),
  };
}
