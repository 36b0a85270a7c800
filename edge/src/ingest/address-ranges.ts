// Which IP addresses the edge may not fetch from. An allow-list: what IANA's registries of special-purpose addresses
// (RFC 6890, kept by ipaddr.js) know as nothing but unicast passes; in IPv6 it must also be global unicast (RFC 4291),
// so that a range nobody thought of is refused. Forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4,
// Teredo) are special ranges or lie outside of global unicast, whatever address they carry.

import ipaddr from "ipaddr.js";

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR("2000::/3");
/** Unicast to every registry, and a platform's own service to those who run there. */
const AZURE_PLATFORM = "168.63.129.16";

/** Whether `hostname` (of a parsed URL) is an IP address that is refused; null when it is no IP address. */
export function addressRefused(hostname: string): boolean | null {
  if (hostname.startsWith("[")) {
    const text = hostname.slice(1, -1);
    if (!ipaddr.IPv6.isValid(text)) return true;
    const address = ipaddr.IPv6.parse(text);
    return !address.match(GLOBAL_UNICAST_V6) || address.range() !== "unicast";
  }
  if (!ipaddr.IPv4.isValid(hostname)) return null;
  const address = ipaddr.IPv4.parse(hostname);
  return address.range() !== "unicast" || address.toString() === AZURE_PLATFORM;
}
