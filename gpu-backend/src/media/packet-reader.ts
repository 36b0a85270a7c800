// Reads ffprobe's JSON (compact, a packet a line) as it comes: packets are counted into their streams, and the rest,
// which is short, is kept as the report.

import type { Packet } from "./packet-times.ts";

const MAX_LINE_CHARACTERS = 1 << 20;
const BEGIN = /^ {4}"packets": \[/;
const END = /^ {4}\]/;

const PACKET = '        { "stream_index": ';

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
    // Lines of what comes with a packet, such as a transport stream's ids, begin otherwise.
    if (!line.startsWith(PACKET)) return;
    // `"name": "value"`: names and values are every second text between quotes.
    const texts = line.split('"');
    const streamIndex = Number.parseInt((texts[2] as string).slice(2), 10);
    const packet: Packet = {
      ptsS: null,
      dtsS: null,
      durationS: 0,
      bytes: 0,
      position: null,
      isKey: false,
      isHidden: false,
    };
    for (let i = 3; i + 2 < texts.length; i += 4) {
      const text = texts[i + 2] as string;
      const value = Number.parseFloat(text);
      if (texts[i] === "flags") {
        packet.isKey = text.startsWith("K");
        packet.isHidden = text.includes("D");
      } else if (!Number.isFinite(value)) continue;
      else if (texts[i] === "pts_time") packet.ptsS = value;
      else if (texts[i] === "dts_time") packet.dtsS = value;
      else if (texts[i] === "duration_time") packet.durationS = Math.max(0, value);
      else if (texts[i] === "size") packet.bytes = value;
      else if (texts[i] === "pos") packet.position = value;
    }
    this.#packets += 1;
    this.#onPacket(streamIndex, packet);
  }
}
