// A request written byte by byte, since clients tidy up addresses and headers; and the status it is answered with.

import { connect } from "node:net";
import type { Framing } from "./framings.ts";

export interface RawRequest {
  method: string;
  target: string;
  headers: Record<string, string>;
  framing: Framing;
}

export interface RawAnswer {
  /** Null: the connection was closed without an answer. */
  status: number | null;
  body: string;
}

const HANGS_MS = 10_000;

function textOf({ method, target, headers, framing }: RawRequest): string {
  const { lines, body, version = "1.1" } = framing;
  const given = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${framing.method ?? method} ${target} HTTP/${version}`, "host: backend", ...given, ...lines];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The last answer in `text`, once it is whole; null before. An interim one (100) is none. */
function wholeAnswer(text: string, isHead: boolean, isEnded: boolean): RawAnswer | null {
  const start = text.replace(/^HTTP\/1\.[01] 1\d\d .*?\r\n\r\n/s, "");
  const end = start.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(start)?.[1];
  if (end < 0 || status === undefined) return isEnded ? { status: null, body: "" } : null;
  const [head, body] = [start.slice(0, end), start.slice(end + 4)];
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.POSITIVE_INFINITY);
  const isWhole = isEnded || isHead || status === "204" || body.length >= length;
  return isWhole ? { status: Number(status), body } : null;
}

/** Throws when there is no answer within ten seconds. */
export function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const isHead = (request.framing.method ?? request.method) === "HEAD";
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1" });
    const settle = (isEnded: boolean) => {
      const answer = wholeAnswer(text, isHead, isEnded);
      if (answer === null) return;
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(HANGS_MS, () => {
      socket.destroy();
      reject(new Error(`no answer within ${HANGS_MS} ms to ${request.method} ${request.target}`));
    });
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      settle(false);
    });
    // A reset is an end, too.
    socket.on("error", () => settle(true));
    socket.on("end", () => settle(true));
    socket.on("close", () => settle(true));
    socket.write(Buffer.from(textOf(request), "latin1"));
  });
}
