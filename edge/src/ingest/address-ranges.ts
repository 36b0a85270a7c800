// Which IP addresses the edge may not fetch from. IPv6 is a list of what is allowed (global unicast) with
// exceptions, so that a range nobody thought of is refused.

/** Refused IPv4 ranges: first address and prefix length. */
const REFUSED_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's platform address
  ["169.254.0.0", 16], // link-local, cloud metadata
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // IETF protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarking
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];

/** Refused parts of 2000::/3: leading 16-bit groups and prefix length. Embedded IPv4 addresses lie here. */
const REFUSED_GLOBAL_V6: readonly (readonly [readonly number[], number])[] = [
  [[0x2001, 0x0000], 23], // IETF assignments: Teredo, ORCHID, benchmarking
  [[0x2001, 0x0db8], 32], // documentation
  [[0x2002], 16], // 6to4
  [[0x3fff, 0x0000], 20], // documentation
];

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The number of a dotted address as the URL parser writes it; null for anything else. */
function v4Number(host: string): number | null {
  const parts = DOTTED.exec(host)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((number, part) => number * 256 + part, 0);
}

function v4Refused(address: number): boolean {
  return REFUSED_V4.some(([first, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor(v4Number(first)! / size);
  });
}

/** The eight groups of an IPv6 address as the URL parser writes it: lower-case hex, never dotted. */
export function v6Groups(address: string): number[] | null {
  const [head = "", tail, ...more] = address.split("::");
  if (more.length > 0) return null;
  const groupsOf = (part: string) => (part === "" ? [] : part.split(":").map((g) => Number.parseInt(g, 16)));
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<number>(missing).fill(0), ...right];
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null;
}

function inPrefix(groups: readonly number[], prefix: readonly number[], bits: number): boolean {
  return prefix.every((group, i) => {
    const shift = 16 - Math.min(16, Math.max(0, bits - 16 * i));
    return groups[i]! >> shift === group >> shift;
  });
}

function v6Refused(groups: readonly number[]): boolean {
  const globalUnicast = inPrefix(groups, [0x2000], 3);
  return !globalUnicast || REFUSED_GLOBAL_V6.some(([prefix, bits]) => inPrefix(groups, prefix, bits));
}

/** Whether `hostname` (of a parsed URL) is an IP address that is refused; null when it is no IP address. */
export function addressRefused(hostname: string): boolean | null {
  if (hostname.startsWith("[")) {
    const groups = v6Groups(hostname.slice(1, -1));
    return groups === null || v6Refused(groups);
  }
  const v4 = v4Number(hostname);
  return v4 === null ? null : v4Refused(v4);
}
