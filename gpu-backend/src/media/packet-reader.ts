// Reads ffprobe's JSON (compact, a packet a line) as it comes: packets are counted into their streams, and the rest,
// which is short, is kept as the report.

import type { Packet } from "./packet-times.ts";

const MAX_LINE_CHARACTERS = 1 << 20;
const BEGIN = /^ {4}"packets": \[/;
const END = /^ {4}\]/;

const field = (name: string, group: string) => `(?:, "${name}": "(?<${group}>[^"]*)")?`;
const PACKET = new RegExp(
  `^ {8}\\{ "stream_index": (?<stream>\\d+)${field("pts_time", "pts")}${field("dts_time", "dts")}${field(
    "duration_time",
    "duration",
  )}${field("size", "size")}${field("pos", "pos")}${field("flags", "flags")}`,
);

export const PACKET_ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,pos,flags";

export class PacketReader {
  readonly #onPacket: (streamIndex: number, packet: Packet) => void;
  readonly #maxReport: number;
  #rest = "";
  #report = "";
  #isInPackets = false;
  #packets = 0;
  readonly #maxPackets: number;

  constructor(
    limits: { maxReportCharacters: number; maxPackets: number },
    onPacket: (streamIndex: number, packet: Packet) => void,
  ) {
    this.#maxReport = limits.maxReportCharacters;
    this.#maxPackets = limits.maxPackets;
    this.#onPacket = onPacket;
  }

  /** False when there is more than allowed. */
  readonly onOutput = (text: string): boolean => {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#readLine(line);
    return (
      this.#rest.length < MAX_LINE_CHARACTERS &&
      this.#report.length < this.#maxReport &&
      this.#packets <= this.#maxPackets
    );
  };

  /** The report without its packets. */
  get report(): string {
    return this.#report + this.#rest;
  }

  #readLine(line: string): void {
    if (this.#isInPackets && !END.test(line)) this.#readPacket(line);
    else {
      this.#isInPackets = BEGIN.test(line);
      this.#report += `${line}\n`;
    }
  }

  #readPacket(line: string): void {
    // Lines of what comes with a packet, such as a transport stream's ids, do not match.
    const fields = PACKET.exec(line)?.groups;
    if (!fields) return;
    const number = (name: string) => {
      const value = Number.parseFloat(fields[name] ?? "");
      return Number.isFinite(value) ? value : null;
    };
    this.#packets += 1;
    this.#onPacket(Number(fields.stream), {
      ptsS: number("pts"),
      dtsS: number("dts"),
      durationS: Math.max(0, number("duration") ?? 0),
      bytes: number("size") ?? 0,
      position: number("pos"),
      isKey: fields.flags?.startsWith("K") === true,
      isHidden: fields.flags?.includes("D") === true,
    });
  }
}
