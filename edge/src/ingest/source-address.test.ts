import { ProblemError } from "@twinframe/shared/problem";
import { describe, expect, it } from "vitest";
import { fetchableUrl } from "./source-address.ts";

const codeOf = (url: string, allowed: string[] = [], base?: URL): string => {
  try {
    fetchableUrl(url, allowed, base);
    return "fetched";
  } catch (error) {
    return error instanceof ProblemError ? error.code : String(error);
  }
};

describe("addresses", () => {
  it.each([
    "http://example.com/a.mp4",
    "https://example.com:8443/a.mp4",
    "http://example.com./a.mp4",
    "http://8.8.8.8/a.mp4",
    "http://[2606:4700::1111]/a.mp4",
    "http://172.15.255.255/",
    "http://172.32.0.0/",
    "http://100.63.255.255/",
    "http://100.128.0.0/",
    "http://192.0.1.0/",
    "http://198.17.255.255/",
    "http://198.20.0.0/",
    "http://223.255.255.255/",
    "http://[2001:200::1]/",
    "http://[2003::1]/",
    "http://localhost.example.com/",
    "http://lan.example.com/",
    "http://example.wlan/",
  ])("fetches %s", (url) => expect(codeOf(url)).toBe("fetched"));

  it.each([
    // IPv4 ranges, first and last address
    ..."0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1".split(" "),
    ..."127.255.255.255 169.254.0.1 169.254.169.254 172.16.0.0 172.31.255.255 192.0.0.1".split(" "),
    ..."192.0.2.1 192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255".split(" "),
    ..."198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255".split(" "),
    ..."168.63.129.16 100.100.100.200".split(" "),
    // IPv4 in other spellings
    ..."2130706433 0x7f000001 017700000001 127.1 127.0.1 0177.0.0.1 0x7f.0.0.1 0 0x0 127.0.0.1.".split(" "),
    ..."１２７.0.0.1 127。0。0。1 %31%32%37.0.0.1 2852039166 ①⑦②.16.0.1 169.254.43518".split(" "),
    // IPv6
    ..."[::] [::1] [fc00::1] [fdff::1] [fd00:ec2::254] [fe80::1] [febf::1] [fec0::1] [ff02::1]".split(" "),
    ..."[::ffff:127.0.0.1] [::ffff:8.8.8.8] [::ffff:7f00:1] [::127.0.0.1] [::8.8.8.8]".split(" "),
    ..."[64:ff9b::7f00:1] [64:ff9b::8.8.8.8] [64:ff9b:1::1] [2002:7f00:1::1] [2002::1] [2001::1]".split(" "),
    ..."[2001:0:7f00:1::1] [2001:db8::1] [2001:20::1] [3fff::1] [100::1] [0:0:0:0:0:0:0:1] [5f00::1]".split(
      " ",
    ),
    // names
    ..."localhost LOCALHOST localhost. a.localhost a.localhost. printer.local db.internal".split(" "),
    ..."metadata.google.internal metadata.google.internal. nas.home.arpa intranet a.localdomain".split(" "),
    ..."ｌocalhost loc%61lhost metadata".split(" "),
    ..."nas.lan backend.svc backend.default.svc.cluster.local router.home wiki.corp wiki.intranet".split(" "),
    ..."files.private a.test a.invalid a.onion NAS.LAN. nas\u3002lan x.consul host.docker".split(" "),
  ])("refuses %s", (host) => expect(codeOf(`http://${host}/a.mp4`)).toBe("source_address_refused"));

  it.each([
    "",
    "a.mp4",
    "//example.com/a.mp4",
    "http://",
    "http://999.1.1.1/",
    "http://1.2.3.4.5/",
    "http://[fe80::1%25eth0]/",
    "ftp://example.com/a.mp4",
    "file:///etc/passwd",
    "s3://bucket/a.mp4",
    "data:video/mp4;base64,AAAA",
    "javascript:alert(1)",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://:pass@example.com/",
  ])("does not take %j for a URL to fetch", (url) => expect(codeOf(url)).toBe("invalid_url"));
});

describe("allowed hosts", () => {
  const allowed = ["127.0.0.1:9000", "minio:80", "[::1]:443"];

  it.each(["http://127.0.0.1:9000/x", "http://2130706433:9000/x", "http://minio/x", "https://[::1]/x"])(
    "fetches %s",
    (url) => expect(codeOf(url, allowed)).toBe("fetched"),
  );

  it.each([
    "http://127.0.0.1/x",
    "http://127.0.0.1:9001/x",
    "http://127.0.0.2:9000/x",
    "https://minio/x",
    "http://minio.:80/x",
    "http://xminio/x",
    "http://[::1]/x",
  ])("refuses %s", (url) => expect(codeOf(url, allowed)).toBe("source_address_refused"));

  it("does not allow credentials or other schemes for them", () => {
    expect(codeOf("http://a:b@127.0.0.1:9000/", allowed)).toBe("invalid_url");
    expect(codeOf("ftp://127.0.0.1:9000/", allowed)).toBe("invalid_url");
  });
});

it("resolves a redirect's location against the address it came from", () => {
  expect(fetchableUrl("../b.mp4", [], new URL("https://example.com/x/y/a.mp4")).href).toBe(
    "https://example.com/x/b.mp4",
  );
  expect(codeOf("//127.0.0.1/x", [], new URL("https://example.com/"))).toBe("source_address_refused");
});
