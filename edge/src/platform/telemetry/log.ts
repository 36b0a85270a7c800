// The one way into the log. Texts that we did not write lose their addresses on it, since each may hold a secret.

import { loggedError, withoutAddresses } from "@twinframe/shared/without-addresses";
import { currentIds } from "./operation.ts";

const MAX_DEPTH = 6;

/** The same, with no address in any text. */
function clean(value: unknown, depth = MAX_DEPTH): unknown {
  if (typeof value === "string") return withoutAddresses(value);
  if (value === null || typeof value !== "object") return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((entry) => clean(entry, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, clean(entry, depth - 1)]));
}

/** An event, as a line of JSON. */
export function logEvent(event: Record<string, unknown>): void {
  // biome-ignore lint/suspicious/noConsole: the platform takes the log from here
  console.log(JSON.stringify(clean({ ...event, ...currentIds(), ...event })));
}

/** An error of ours in the log, without what might be a secret in it. `ids` say what it is about. */
export function logFailure(what: string, ids: Record<string, unknown>, error: unknown): void {
  const event = { level: "error", what, ...currentIds(), ...ids };
  // biome-ignore lint/suspicious/noConsole: the platform takes the log from here
  console.error(JSON.stringify({ ...(clean(event) as object), error: loggedError(error) }));
}
