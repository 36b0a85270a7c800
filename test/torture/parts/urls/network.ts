// A resolver and a network of the campaign's own: names answer what the case wants, and what would leave the machine
// goes to a stand-in on the loopback. Private addresses are connected to as asked, so that they are seen to be reached.

import { createServer, type Server } from "node:http";
import { type AddressInfo, BlockList, connect, isIP } from "node:net";
import type { Network } from "@twinframe/infra/local/services/outbound-proxy";
import { carriedAddress, PRIVATE_ANSWERS } from "./spellings.ts";

const PUBLIC = "93.184.215.14";

/** Apart from the product's own list, so that the two can disagree. */
const PRIVATE_V4 = blockList(
  "ipv4",
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3",
);
const PRIVATE_V6 = blockList(
  "ipv6",
  "::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32 fc00::/7 fe80::/9 ff00::/8",
);

function blockList(family: "ipv4" | "ipv6", nets: string): BlockList {
  const list = new BlockList();
  for (const net of nets.split(" ")) {
    const [address = "", bits] = net.split("/");
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isPrivate(address: string): boolean {
  if (isIP(address) === 4) return PRIVATE_V4.check(address, "ipv4");
  return isIP(address) === 6 ? PRIVATE_V6.check(address, "ipv6") : true;
}

export interface Canary {
  port: number;
  /** Connections so far, of requests or not. */
  reached(): number;
  close(): void;
}

const listen = (server: Server, port: number, host: string) =>
  new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));

/** On every loopback address of this machine. */
export async function startCanary(): Promise<Canary> {
  let connections = 0;
  const canary = () =>
    createServer((_, response) => response.end("reached")).on("connection", () => connections++);
  const first = canary();
  await listen(first, 0, "0.0.0.0");
  const { port } = first.address() as AddressInfo;
  const second = canary();
  await listen(second, port, "::1").catch(() => {});
  const close = () => {
    for (const server of [first, second]) server.close().closeAllConnections();
  };
  return { port, reached: () => connections, close };
}

export interface PublicWorld extends Network {
  /** host:port that the operator allows; the same server stands for the public internet. */
  allowedHost: string;
  /** Addresses connected to that are private. */
  privateConnections: string[];
  close(): void;
}

/** Redirects: `/hop?status=302&to=…`, and `/chain?left=2&to=…` through itself. */
export async function startPublicWorld(): Promise<PublicWorld> {
  const privateConnections: string[] = [];
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://public");
    const to = url.searchParams.get("to");
    if (to === null) return response.writeHead(404).end();
    const left = Number(url.searchParams.get("left") ?? 0);
    const next = left > 0 ? `/chain?left=${left - 1}&to=${encodeURIComponent(to)}` : to;
    // Bytes as they are: a location may hold what no header should.
    const status = Number(url.searchParams.get("status") ?? 302);
    response.socket?.end(
      Buffer.from(
        `HTTP/1.1 ${status} x\r\nconnection: close\r\nlocation: ${next.replace(/[\r\n]/g, "")}\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
  });
  await listen(server, 0, "127.0.0.1");
  const { port } = server.address() as AddressInfo;
  return {
    allowedHost: `127.0.0.1:${port}`,
    privateConnections,
    async lookUp(hostname) {
      const name = hostname.replace(/\.$/, "");
      const times = (asked.get(name) ?? 0) + 1;
      asked.set(name, times);
      // Rebinding: public when it is asked first, this machine from then on.
      if (name.endsWith(".rebind.example.com")) return [times === 1 ? PUBLIC : "127.0.0.1"];
      if (name === "localtest.me" || name === "lvh.me") return ["127.0.0.1"];
      const carried = carriedAddress(name);
      return PRIVATE_ANSWERS[name] ?? (carried === null ? [PUBLIC] : [carried]);
    },
    connect(addresses, asked) {
      const reached = addresses.filter(isPrivate);
      privateConnections.push(...reached.map((address) => `${address}:${asked}`));
      return reached.length > 0 ? connect(asked, reached[0]) : connect(port, "127.0.0.1");
    },
    close: () => server.close().closeAllConnections(),
  };
}
