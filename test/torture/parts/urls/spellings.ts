// Ways to write an address that must not be fetched. `P` is the canary's port, `A` the host:port that is allowed.

import { isIP } from "node:net";

export interface Spelling {
  kind: string;
  url: string;
}

/** 127.0.0.1, another private address and the metadata service, for spellings that take any of them. */
const V4 = ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"];
const hex = (byte: number) => byte.toString(16).padStart(2, "0");

/** An IPv4 address in the notations that some resolver, library or browser takes for it. */
function v4Spellings(address: string): string[] {
  const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const octal = [a, b, c, d].map((byte) => `0${byte.toString(8)}`);
  const full = (from: string, zero: number) =>
    from.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
  return [
    address,
    String(number),
    `0x${number.toString(16)}`,
    `0X${number.toString(16).toUpperCase()}`,
    `0${number.toString(8)}`,
    `00000000000${number.toString(8)}`,
    octal.join("."),
    octal.map((part) => `000${part}`).join("."),
    [a, b, c, d].map((byte) => `0x${hex(byte)}`).join("."),
    [a, b, c, d].map((byte) => `0x00000${hex(byte)}`).join("."),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `0x${hex(a)}.${b * 65_536 + c * 256 + d}`,
    `0${a.toString(8)}.${b}.0x${hex(c)}.${d}`,
    `${address}.`,
    `${address}..`,
    `${number}.`,
    `${a + 256}.${b}.${c}.${d}`,
    String(number + 2 ** 32),
    full(address, 0xff10), // full-width
    full(address, 0x1d7ce), // mathematical bold
    full(address, 0x0660), // Arabic-Indic
    address.replaceAll(".", "\u3002"),
    address.replaceAll(".", "\uff0e"),
    address.replaceAll(".", "\uff61"),
    address.replaceAll(".", "%2e"),
    address.replace(/\d/g, (digit) => `%3${digit}`),
    address.replace(/\d/g, (digit) => `%253${digit}`),
    `${address}%00.example.com`,
    `${address}%20`,
    `\u00ad${address}`, // soft hyphen, which IDNA drops
    `${address.slice(0, 2)}\u200b${address.slice(2)}`,
    `${address.slice(0, 2)}\t${address.slice(2)}`,
    `${address.slice(0, 2)}\n${address.slice(2)}`,
    `[::ffff:${address}]`,
    `[::ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
    `[0:0:0:0:0:ffff:${address}]`,
    `[::FFFF:0:${address}]`,
    `[::${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${address}]`,
    `[2002:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}::1]`,
    `[2001:0:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}::]`,
    `[2001::${hex(a ^ 255)}${hex(b ^ 255)}:${hex(c ^ 255)}${hex(d ^ 255)}]`,
    `[fe80::5efe:${address}]`,
  ];
}

const V6 = [
  ..."[::1] [::] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [::0:1] [0::1]".split(
    " ",
  ),
  ..."[fe80::1] [fe80::1%25lo] [fe80::1%lo] [::1%25lo] [::1%lo] [fec0::1] [fc00::1] [fd00:ec2::254]".split(
    " ",
  ),
  ..."[ff02::1] [ff05::2] [100::1] [2001:db8::1] [2001:20::1] [2001:10::1] [3fff::1] [5f00::1]".split(" "),
  ..."[::１] [%3a%3a1] %5b::1%5d [::1]. ::1 [::1 ::1] [[::1]] [::ffff:0:0] [4000::1] [::2:1] [::ffff:127.1]".split(
    " ",
  ),
];

const NAMES = [
  ..."localhost LOCALHOST localhost. localhost.. a.localhost a.localhost. ｌｏｃａｌｈｏｓｔ loc%61lhost".split(
    " ",
  ),
  ..."local\thost \u2113ocalhost localho\u017ft localhost.localdomain ip6-localhost ip6-loopback".split(" "),
  ..."printer.local printer.local. PRINTER.LOCAL printer\u3002local nas.lan backend.svc".split(" "),
  ..."backend.default.svc backend.default.svc.cluster.local db.internal db.internal. intranet".split(" "),
  ..."metadata metadata.google.internal instance-data.ec2.internal host.docker.internal".split(" "),
  ..."gateway.docker.internal kubernetes.default.svc router.home.arpa router.home wiki.corp".split(" "),
  ..."wiki.intranet files.private consul.service.consul a.test a.invalid a.onion a.alt router".split(" "),
];

/** Written so that one parser sees one host and another another. All end at the canary for somebody. */
const CONFUSED = [
  ..."http://A@127.0.0.1:P/ http://A#@127.0.0.1:P/ http://127.0.0.1:P#@A/ http://127.0.0.1:P\\@A/".split(" "),
  ..."http://A\\@127.0.0.1:P/ http://A:80@127.0.0.1:P/ http://a:b@127.0.0.1:P/ http://:b@127.0.0.1:P/".split(
    " ",
  ),
  ..."http://@127.0.0.1:P/ http://A%40127.0.0.1:P/ http://127.0.0.1:P%23@A/ http://A%2f@127.0.0.1:P/".split(
    " ",
  ),
  ..."http:127.0.0.1:P/ http:/127.0.0.1:P/ http:///127.0.0.1:P/ http:\\\\127.0.0.1:P\\ http:////127.0.0.1:P".split(
    " ",
  ),
  ..."HTTP://127.0.0.1:P/ hTtP://127.1:P ht\ttp://127.0.0.1:P/ http://127.0.0.1:0P/ http://127.0.0.1:00000P/".split(
    " ",
  ),
  ..."http://127.0.0.1:%3P/ http://127.0.0.1%3aP/ http://127.0.0.1:P:80/ http://127.0.0.1:80:P/".split(" "),
  ..."http://A,127.0.0.1:P/ http://A;127.0.0.1:P/ http://A&@127.0.0.1:P/ http://A?@127.0.0.1:P/".split(" "),
  ..."http://127.0.0.1:P?@A/ http://127.0.0.1:P&@A/ http://A@@127.0.0.1:P/ http://[A]@127.0.0.1:P/".split(
    " ",
  ),
  ..."ftp://127.0.0.1:P/ file://127.0.0.1:P/etc/passwd file:///etc/passwd gopher://127.0.0.1:P/_GET".split(
    " ",
  ),
  ..."ws://127.0.0.1:P/ wss://127.0.0.1:P/ blob:http://127.0.0.1:P/x view-source:http://127.0.0.1:P/".split(
    " ",
  ),
  ..."data:text/plain,x javascript:fetch('http://127.0.0.1:P') jar:http://127.0.0.1:P!/ dict://127.0.0.1:P".split(
    " ",
  ),
  ..."unix:/var/run/docker.sock http+unix://%2fvar%2frun%2fdocker.sock/ ldap://127.0.0.1:P //127.0.0.1:P/".split(
    " ",
  ),
  ..."s3://127.0.0.1:P/x s3://localhost/x concat:http://127.0.0.1:P/|x http://127.0.0.1:P;.mp4".split(" "),
  " http://127.0.0.1:P/",
  "http://127.0.0.1:P/ ",
  "\u0000http://127.0.0.1:P/",
  "http://\r\nHost: x\r\n127.0.0.1:P/",
  "http://127.0.0.1:P/\r\nX: y",
  "http://127.0.0.1\u0000:P/",
];

/** Names whose addresses only a look-up tells; `network.ts` answers for them. */
export const PRIVATE_ANSWERS: Record<string, string[]> = {
  "loopback.example.com": ["127.0.0.1"],
  "loopback-v6.example.com": ["::1"],
  "any.example.com": ["0.0.0.0"],
  "ten.example.com": ["10.1.2.3"],
  "metadata.example.com": ["169.254.169.254"],
  "mapped.example.com": ["::ffff:127.0.0.1"],
  "mapped-hex.example.com": ["::ffff:7f00:1"],
  "nat64.example.com": ["64:ff9b::7f00:1"],
  "sixtofour.example.com": ["2002:7f00:1::1"],
  "teredo.example.com": ["2001:0:7f00:1::"],
  "ula.example.com": ["fd12::1"],
  "link-local.example.com": ["fe80::1%lo"],
  "public-then-private.example.com": ["93.184.215.14", "127.0.0.1"],
  "private-then-public.example.com": ["127.0.0.1", "93.184.215.14"],
  "v6-public-v4-private.example.com": ["2606:2800:21f::1", "127.0.0.1"],
  "v4-public-v6-private.example.com": ["93.184.215.14", "::1"],
  "no-address.example.com": [],
  "garbage.example.com": ["not an address"],
  "short.example.com": ["127.1"],
  "cgnat.example.com": ["100.64.1.1"],
  "multicast.example.com": ["224.0.0.1"],
  "broadcast.example.com": ["255.255.255.255"],
};
const RESOLVED = [
  ...Object.keys(PRIVATE_ANSWERS),
  ..."127.0.0.1.nip.io 10.0.0.1.nip.io 7f000001.nip.io 127-0-0-1.sslip.io localtest.me lvh.me".split(" "),
  ..."LOOPBACK.example.com loopback.example.com. lo%6fpback.example.com loopback\u3002example.com".split(" "),
];

const withPort = (kind: string, hosts: string[], ending = "/v.mp4"): Spelling[] =>
  hosts.map((host) => ({ kind, url: `http://${host}:P${ending}` }));

/** Spellings that each stand for an address which may not be fetched, or for none. */
export function spellings(): Spelling[] {
  const v4 = V4.flatMap((address) => withPort("IPv4 spelled", v4Spellings(address)));
  const tls = v4Spellings("127.0.0.1")
    .filter((_, i) => i % 4 === 0)
    .map((host) => ({ kind: "https", url: `https://${host}:P/v.mp4` }));
  return [
    ...v4,
    ...tls,
    ...withPort("IPv6 spelled", V6),
    ...withPort("local name", NAMES),
    ...withPort("name that resolves", RESOLVED),
    ...CONFUSED.map((url) => ({ kind: "confused parsers", url })),
  ];
}

/** The address of a name that carries it, as nip.io answers; null for other names. */
export function carriedAddress(hostname: string): string | null {
  const dotted = /^(\d+)[.-](\d+)[.-](\d+)[.-](\d+)\.(?:nip|sslip)\.io$/.exec(hostname)?.slice(1).join(".");
  if (dotted !== undefined && isIP(dotted)) return dotted;
  const digits = /^([0-9a-f]{8})\.nip\.io$/.exec(hostname)?.[1];
  return digits === undefined
    ? null
    : [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).join(".");
}
