// The network that an address belongs to, as far as one holder of addresses is told from another.

import ipaddr from "ipaddr.js";

/** Of requests that come without an address: past Cloudflare, as in tests. */
const NO_NETWORK = "none";

const GROUPS_OF_48_BITS = 3;

/** An IPv4 address' /24, an IPv6 address' /48. IPv4 written as IPv6 (::ffff:0:0/96) counts as IPv4. */
export function networkOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return NO_NETWORK;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.slice(0, 3).join(".")}.0/24`;
  const groups = parsed.parts.slice(0, GROUPS_OF_48_BITS);
  return `${groups.map((group) => group.toString(16)).join(":")}::/48`;
}
