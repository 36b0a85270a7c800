// The network that an address belongs to, as far as one holder of addresses is told from another.

import { v6Groups } from "../ingest/address-ranges.ts";

/** Of requests that come without an address: past Cloudflare, as in tests. */
export const NO_NETWORK = "none";

/** ::ffff:0:0/96 is IPv4 written as IPv6. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];
const GROUPS_OF_48_BITS = 3;

/** An IPv4 address' /24, an IPv6 address' /48. */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return NO_NETWORK;
  const text = address.includes(":") ? `[${address}]` : address;
  if (!URL.canParse(`http://${text}/`)) return NO_NETWORK;
  const { hostname } = new URL(`http://${text}/`);
  if (!hostname.startsWith("[")) return v4Network(hostname.split(".").map(Number));
  const groups = v6Groups(hostname.slice(1, -1));
  if (groups === null) return NO_NETWORK;
  if (MAPPED.every((group, i) => group === groups[i])) {
    const [high = 0, low = 0] = groups.slice(MAPPED.length);
    return v4Network([high >> 8, high & 255, low >> 8]);
  }
  return `${groups
    .slice(0, GROUPS_OF_48_BITS)
    .map((group) => group.toString(16))
    .join(":")}::/48`;
}

const v4Network = (parts: readonly number[]) =>
  parts.slice(0, 3).some((part) => Number.isNaN(part)) ? NO_NETWORK : `${parts.slice(0, 3).join(".")}.0/24`;
