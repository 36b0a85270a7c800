// Which URLs the edge may fetch. The URL parser has already brought every spelling of an IPv4 address
// (decimal, octal, hex, short, full-width, percent-encoded) into dotted form. Names that resolve to private
// addresses are left to the runtime flag `global_fetch_strictly_public`.

import { ProblemError } from "@twinframe/shared/problem";
import { addressRefused } from "./address-ranges.ts";

const DEFAULT_PORTS: Record<string, string> = { "http:": "80", "https:": "443" };
const PRIVATE_SUFFIXES = ["localhost", "local", "internal", "localdomain", "home.arpa"];

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
  const defaultPort = DEFAULT_PORTS[url.protocol];
  if (defaultPort === undefined) {
    throw new ProblemError("invalid_url", "Give a URL that starts with http:// or https://.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new ProblemError("invalid_url", "Leave user name and password out of the URL; use a signed link.");
  }
  const hostAndPort = `${url.hostname}:${url.port || defaultPort}`;
  if (allowedHosts.includes(hostAndPort)) return url;
  if (addressRefused(url.hostname) ?? nameRefused(url.hostname)) {
    throw new ProblemError(
      "source_address_refused",
      "Give a URL on the public internet, or upload the video's bytes. Private, loopback, link-local and " +
        "reserved addresses are not fetched unless the operator lists host:port in INTAKE_ALLOWED_HOSTS.",
    );
  }
  return url;
}
