// Which URLs the edge may fetch. The URL parser has already brought every spelling of an IPv4 address
// (decimal, octal, hex, short, full-width, percent-encoded) into dotted form. What a name resolves to is judged where
// the connection is made: outbound.ts.

import { ProblemError } from "@twinframe/shared/problem";
import { addressRefused } from "./address-ranges.ts";
import { addressRefusedProblem, isAllowedHost } from "./outbound.ts";

/**
 * Names that the public DNS does not have, or not to be fetched from: reserved (RFC 2606, 6761, 6762 with its
 * appendix G, 7686, 8375, 9476, ICANN's .internal), never to be delegated, and those of clusters and service registries.
 */
const PRIVATE_SUFFIXES = [
  ...["localhost", "local", "internal", "localdomain", "home.arpa", "test", "invalid", "onion", "alt"],
  ...["lan", "intranet", "private", "corp", "home", "mail", "domain", "workgroup", "localnet"],
  ...["svc", "cluster", "consul", "docker", "kubernetes"],
];

function nameRefused(hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "");
  if (!name.includes(".")) return true;
  // With a trailing dot an address is not parsed as one by every resolver, and may be by some.
  if (addressRefused(name) !== null) return true;
  return PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}

/** `text` as a URL that may be fetched, or a problem that says why not. `base` resolves redirects. */
export function fetchableUrl(text: string, allowedHosts: readonly string[], base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw new ProblemError("invalid_url", "Give an absolute URL such as https://example.com/video.mp4.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ProblemError("invalid_url", "Give a URL that starts with http:// or https://.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new ProblemError("invalid_url", "Leave user name and password out of the URL; use a signed link.");
  }
  if (isAllowedHost(url, allowedHosts)) return url;
  if (addressRefused(url.hostname) ?? nameRefused(url.hostname)) throw addressRefusedProblem();
  return url;
}
