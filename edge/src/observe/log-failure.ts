import { loggedError } from "@twinframe/shared/without-addresses";
import { currentIds } from "./operation.ts";

/** An error of ours in the log, without what might be a secret in it. `ids` say what it is about. */
export function logFailure(what: string, ids: Record<string, unknown>, error: unknown): void {
  console.error(JSON.stringify({ level: "error", what, ...currentIds(), ...ids, error: loggedError(error) }));
}
