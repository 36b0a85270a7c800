// What the local Worker fetches of addresses that users name goes through here. In production the runtime refuses names
// that resolve to private addresses (`global_fetch_strictly_public`); the local runtime does not. A name is looked up
// once, all of its addresses are judged, and the connection goes to those very addresses: no second look-up, in which
// the name might say something else (DNS rebinding).

import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { request as requestHttps } from "node:https";
import { type AddressInfo, connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressRefused } from "@twinframe/edge/ingest/address-ranges";
import {
  OUTBOUND_RESULT_HEADER,
  OUTBOUND_URL_HEADER,
  type OutboundResult,
} from "@twinframe/edge/ingest/outbound";

export interface Network {
  /** All addresses of a name. */
  lookUp(hostname: string): Promise<string[]>;
  /** A connection to one of the addresses. */
  connect(addresses: string[], port: number): Socket;
}

export interface OutboundProxy {
  /** For `OUTBOUND_PROXY_URL`; holds what only the Worker knows, so that web pages and other users cannot use it. */
  url: string;
  close(): void;
}

const HOP_BY_HOP = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"],
  ...[
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "expect",
    OUTBOUND_URL_HEADER,
    OUTBOUND_RESULT_HEADER,
  ],
]);
const PATH_BYTES = 24;

class AddressRefused extends Error {}

/** The addresses of this machine's resolver, hosts file included. */
const thisMachine: Network = {
  lookUp: async (hostname) => (await lookup(hostname, { all: true })).map(({ address }) => address),
  connect: (addresses, port) =>
    connectSocket({
      host: "target",
      port,
      autoSelectFamily: true,
      // No look-up: what was judged is what is connected to.
      lookup: (_, __, found) =>
        found(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        ),
    }),
};

/** Refused also when the address cannot be read, such as one with a zone. */
function isRefused(address: string): boolean {
  try {
    const { hostname } = new URL(`http://${isIP(address) === 6 ? `[${address}]` : address}/`);
    return addressRefused(hostname) !== false;
  } catch {
    return true;
  }
}

/** The addresses that may be connected to. One that is private spoils the others: which is taken is not up to us. */
async function publicAddresses({ hostname }: URL, network: Network): Promise<string[]> {
  const literal = addressRefused(hostname);
  if (literal === true) throw new AddressRefused();
  if (literal === false) return [hostname.replace(/^\[|\]$/g, "")];
  const addresses = await network.lookUp(hostname);
  if (addresses.length === 0) throw new Error("the name has no address");
  if (addresses.some(isRefused)) throw new AddressRefused();
  return addresses;
}

const passedOn = (headers: IncomingMessage["headers"]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

async function pass(request: IncomingMessage, response: ServerResponse, network: Network): Promise<void> {
  const target = new URL(String(request.headers[OUTBOUND_URL_HEADER]));
  const isTls = target.protocol === "https:";
  if (!isTls && target.protocol !== "http:") throw new AddressRefused();
  const addresses = await publicAddresses(target, network);
  const open = () => network.connect(addresses, Number(target.port || (isTls ? 443 : 80)));
  const name = target.hostname.replace(/^\[|\]$/g, "");
  // A certificate names no address as its server name.
  const servername = isIP(name) ? {} : { servername: name.replace(/\.$/, "") };
  const abort = new AbortController();
  response.once("close", () => abort.abort());
  const outgoing = (isTls ? requestHttps : requestHttp)(target, {
    method: request.method ?? "GET",
    headers: { ...passedOn(request.headers), host: target.host },
    createConnection: () => (isTls ? connectTls({ socket: open(), host: name, ...servername }) : open()),
    signal: abort.signal,
  });
  await new Promise<void>((resolve, reject) => {
    outgoing.once("error", reject).once("response", (answer) => {
      const result: OutboundResult = "answered";
      response.writeHead(answer.statusCode ?? 502, {
        ...passedOn(answer.headers),
        [OUTBOUND_RESULT_HEADER]: result,
      });
      answer.pipe(response);
      answer.once("error", () => response.destroy()).once("end", resolve);
    });
    request.pipe(outgoing);
  });
}

/** Listens on the loopback. `network` is another one in tests only. */
export async function startOutboundProxy(network: Network = thisMachine): Promise<OutboundProxy> {
  const path = `/${randomBytes(PATH_BYTES).toString("base64url")}`;
  const server = createServer((request, response) => {
    if (request.url !== path) return void response.writeHead(404).end();
    pass(request, response, network).catch((error) => {
      if (response.headersSent) return void response.destroy();
      const result: OutboundResult = error instanceof AddressRefused ? "refused" : "failed";
      response.writeHead(result === "refused" ? 403 : 502, { [OUTBOUND_RESULT_HEADER]: result }).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
