// The way out to an address that a user named. In production it is the runtime's fetch, which refuses names that resolve
// to private addresses; locally it is a proxy on the loopback that does the same (infra/local/services).

import { ProblemError } from "@twinframe/shared/problem";
import type { OutboundSettings } from "../platform/configuration.ts";

export const OUTBOUND_URL_HEADER = "x-twinframe-outbound-url";
export const OUTBOUND_RESULT_HEADER = "x-twinframe-outbound-result";
/** What the proxy says of its attempt. */
export type OutboundResult = "answered" | "refused" | "failed";

export const addressRefusedProblem = () =>
  new ProblemError(
    "source_address_refused",
    "Give a URL on the public internet, or upload the video's bytes. Private, loopback, link-local and " +
      "reserved addresses are not fetched unless the operator lists host:port in INTAKE_ALLOWED_HOSTS.",
  );

const DEFAULT_PORTS: Record<string, string> = { "http:": "80", "https:": "443" };

export const isAllowedHost = (url: URL, allowedHosts: readonly string[]) =>
  allowedHosts.includes(`${url.hostname}:${url.port || DEFAULT_PORTS[url.protocol]}`);

export interface OutboundRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

/**
 * One request, whose redirects are not followed. `url` has passed `fetchableUrl`; hosts of `allowedHosts` are reached
 * directly. Throws `source_address_refused` when the name resolves to an address that is refused, and what fetch throws.
 */
export async function fetchOutbound(
  { proxyUrl }: OutboundSettings,
  url: URL,
  allowedHosts: readonly string[],
  request: OutboundRequest,
): Promise<Response> {
  const init = { ...request, redirect: "manual" } as const;
  if (proxyUrl === null || isAllowedHost(url, allowedHosts)) return fetch(url, init);
  const headers = { ...request.headers, [OUTBOUND_URL_HEADER]: url.href };
  const response = await fetch(proxyUrl, { ...init, headers });
  const result = response.headers.get(OUTBOUND_RESULT_HEADER) as OutboundResult | null;
  if (result === "answered") return response;
  await response.body?.cancel();
  if (result === "refused") throw addressRefusedProblem();
  throw new Error("the address cannot be reached");
}
