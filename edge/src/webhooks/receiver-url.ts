import { ProblemError } from "@twinframe/shared/problem";
import { fetchableUrl } from "../ingest/source-address.ts";
import type { Configuration } from "../platform/configuration.ts";

/** `text` as an address that webhooks may go to: guarded like the intake, before it is kept and at every attempt. */
export function receiverUrl({ webhooks }: Configuration, text: string, pointer: string): URL {
  try {
    return fetchableUrl(text, webhooks.allowedHosts);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const refused = error.code === "source_address_refused";
    const detail = refused
      ? "Give a webhook address on the public internet. Private, loopback, link-local and reserved addresses " +
        "are not called unless the operator lists host:port in WEBHOOK_ALLOWED_HOSTS."
      : "Give an absolute webhook address such as https://example.com/hooks, without user name and password.";
    throw new ProblemError(error.code, detail, {
      errors: [{ pointer, detail: refused ? "may not be called" : "is not a URL that can be called" }],
    });
  }
}
