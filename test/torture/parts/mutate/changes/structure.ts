// Lies that only who knows the format can tell: in boxes, elements, tags, pages and packets.

import {
  type Element,
  elementsAt,
  ID,
  parseElements,
  withoutPositions,
  writeElements,
} from "../../../files/ebml.ts";
import { parseFlv, writeFlv } from "../../../files/flv-tags.ts";
import { type Box, boxesAt, parseBoxes, setEdits, writeBoxes } from "../../../files/iso-boxes.ts";
import { between, pick } from "../../../files/random-choice.ts";
import type { Change, Material } from "./bytes.ts";

/** A number that some reader will not expect. */
function lie(random: () => number, value: number): number {
  const factor = pick(random, [0, 0.001, 0.01, 0.1, 0.5, 0.9, 1.1, 2, 10, 100, 1000, -1]);
  if (factor === -1) return pick(random, [0, 1, 0x7fffffff, 0xffffffff, 0x80000000]);
  return Math.min(0xffffffff, Math.round(value * factor));
}

/** Drops, repeats, exchanges or moves some of a list. */
function disordered<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let times = between(random, 1, 4); times > 0 && out.length > 1; times--) {
    const [a, b] = [Math.floor(random() * out.length), Math.floor(random() * out.length)];
    const how = pick(random, ["drop", "repeat", "exchange", "move"] as const);
    if (how === "drop") out.splice(a, 1);
    if (how === "repeat") out.splice(b, 0, out[a]!);
    if (how === "exchange") [out[a], out[b]] = [out[b]!, out[a]!];
    if (how === "move") out.splice(b, 0, ...out.splice(a, 1));
  }
  return out;
}

const allBoxes = (boxes: readonly Box[]): Box[] =>
  boxes.flatMap((one) => [one, ...allBoxes(one.children ?? [])]);

const ofBoxes =
  (change: (boxes: Box[], random: () => number) => void): Change =>
  ({ bytes, random }) => {
    const boxes = parseBoxes(bytes);
    change(boxes, random);
    return writeBoxes(boxes);
  };

const TABLES =
  "stts ctts stss stsc stsz stco co64 elst trun tfdt tfhd trex mvhd tkhd mdhd mehd sidx tfra".split(" ");

function lieInWords(body: Buffer, random: () => number, times: number): void {
  for (; times > 0 && body.length >= 8; times--) {
    const at = 4 * between(random, 1, (body.length >> 2) - 1);
    body.writeUInt32BE(lie(random, body.readUInt32BE(at)), at);
  }
}

export const isoChanges: Record<string, Change> = {
  "lies in tables": ofBoxes((boxes, random) => {
    const tables = allBoxes(boxes).filter(({ type }) => TABLES.includes(type));
    for (let times = between(random, 1, 3); times > 0 && tables.length > 0; times--)
      lieInWords(pick(random, tables).body, random, between(random, 1, 6));
  }),
  "sizes of boxes": (material) => {
    const bytes = Buffer.from(material.bytes);
    const type = pick(material.random, [
      "moov",
      "mdat",
      "trak",
      "mdia",
      "minf",
      "stbl",
      "stsd",
      "moof",
      "traf",
      ...TABLES,
    ]);
    const at = bytes.indexOf(type) - 4;
    if (at >= 0) bytes.writeUInt32BE(lie(material.random, bytes.readUInt32BE(at)), at);
    return bytes;
  },
  "boxes in disorder": ofBoxes((boxes, random) => {
    const lists = [boxes, ...allBoxes(boxes).flatMap(({ children }) => (children ? [children] : []))];
    const list = pick(random, lists);
    list.splice(0, list.length, ...disordered(list, random));
  }),
  "edit lists": ofBoxes((boxes, random) => {
    for (const track of boxesAt(boxes, "moov/trak"))
      setEdits(
        track,
        Array.from({ length: between(random, 1, 6) }, () => ({
          duration: Math.round(random() * 6000),
          mediaTime: random() < 0.2 ? -1 : Math.round(random() * 5 * 10_240),
          rate: random() < 0.8 ? 0x10000 : pick(random, [0, 0x8000, 0x20000, 0xffff0000]),
        })),
      );
  }),
};

const ofElements =
  (change: (file: Element[], random: () => number) => void): Change =>
  ({ bytes, random }) => {
    const file = withoutPositions(parseElements(bytes));
    change(file, random);
    return writeElements(file);
  };
const allElements = (list: readonly Element[]): Element[] =>
  list.flatMap((one) => [one, ...allElements(one.children ?? [])]);

export const ebmlChanges: Record<string, Change> = {
  "lies in numbers": ofElements((file, random) => {
    const numbers = allElements(file).filter(
      ({ body, id }) => body.length > 0 && body.length <= 8 && id !== ID.simpleBlock,
    );
    for (let times = between(random, 1, 4); times > 0 && numbers.length > 0; times--) {
      const { body } = pick(random, numbers);
      if (random() < 0.5) body[between(random, 0, body.length - 1)] = between(random, 0, 255);
      else body.fill(pick(random, [0, 0xff, 0x7f, 1]));
    }
  }),
  "elements in disorder": ofElements((file, random) => {
    const lists = allElements(file).flatMap(({ children }) =>
      children && children.length > 1 ? [children] : [],
    );
    const list = lists.length > 0 ? pick(random, lists) : file;
    list.splice(0, list.length, ...disordered(list, random));
  }),
  "times of blocks": ofElements((file, random) => {
    for (const { body } of elementsAt(file, ID.segment, ID.cluster, ID.simpleBlock))
      if (random() < 0.3) body.writeInt16BE(between(random, -32_768, 32_767), 1);
  }),
  "sizes of elements": (material) => {
    const bytes = Buffer.from(material.bytes);
    const id = pick(material.random, [
      "1a45dfa3",
      "18538067",
      "1549a966",
      "1654ae6b",
      "1f43b675",
      "ae",
      "e0",
      "a3",
    ]);
    const at = bytes.indexOf(Buffer.from(id, "hex"), material.random() < 0.5 ? 0 : bytes.length >> 1);
    if (at >= 0) bytes[at + id.length / 2]! ^= between(material.random, 1, 255);
    return bytes;
  },
  "tags of duration": ({ bytes: whole, random }) => {
    const bytes = Buffer.from(whole);
    const at = bytes.indexOf("00:00:0");
    if (at >= 0)
      bytes.write(
        pick(random, ["00:00:00.1", "00:00:01.0", "00:01:00.0", "03:59:00.0", "99:00:00.0", "-0:00:05.0"]),
        at,
      );
    return bytes;
  },
};

export const flvChanges: Record<string, Change> = {
  "tags in disorder": ({ bytes, random }) => {
    const { header, tags } = parseFlv(bytes);
    return writeFlv(header, disordered(tags, random));
  },
  "times of tags": ({ bytes, random }) => {
    const { header, tags } = parseFlv(bytes);
    const from = random();
    const shift = pick(random, [-5000, -500, 500, 60_000, 2 ** 31, 2 ** 24]);
    const timed = tags.map((tag, i) => ({
      ...tag,
      timestampMs: i / tags.length < from ? tag.timestampMs : (tag.timestampMs + shift + 2 ** 32) % 2 ** 32,
    }));
    return writeFlv(header, timed);
  },
  "lies in the script data": (material) => {
    const bytes = Buffer.from(material.bytes);
    const name = pick(material.random, ["duration", "framerate", "width", "filesize", "videocodecid"]);
    const at = bytes.indexOf(name) + name.length + 1;
    bytes.writeDoubleBE(pick(material.random, [0, 0.001, 1, 1e6, -5, Number.NaN, 1e300]), at);
    return bytes;
  },
};

/** Packets or pages of a kind that can be told apart by their first bytes. */
function pieces(bytes: Buffer, start: Buffer): Buffer[] {
  const at: number[] = [];
  for (let from = bytes.indexOf(start); from >= 0; from = bytes.indexOf(start, from + start.length))
    at.push(from);
  return at.map((from, i) => bytes.subarray(from, at[i + 1] ?? bytes.length));
}

const inDisorder =
  (start: Buffer): Change =>
  ({ bytes, random }) =>
    Buffer.concat(disordered(pieces(bytes, start), random));

function tsPackets({ bytes }: Material): Buffer[] {
  return Array.from({ length: Math.floor(bytes.length / 188) }, (_, i) =>
    Buffer.from(bytes.subarray(188 * i, 188 * i + 188)),
  );
}

export const tsChanges: Record<string, Change> = {
  "packets in disorder": (material) => Buffer.concat(disordered(tsPackets(material), material.random)),
  "packets missing": (material) => {
    const packets = tsPackets(material);
    const from = Math.floor(material.random() * packets.length);
    packets.splice(from, Math.ceil(packets.length * material.random() ** 2 * 0.5));
    return Buffer.concat(packets);
  },
  "headers of packets": (material) => {
    const packets = tsPackets(material);
    const share = material.random() ** 2;
    const byte = between(material.random, 0, 5);
    for (const packet of packets)
      if (material.random() < share) packet[byte] = between(material.random, 0, 255);
    return Buffer.concat(packets);
  },
  "times of pictures": (material) => {
    const packets = tsPackets(material);
    for (const packet of packets) {
      const at = packet.indexOf(Buffer.from([0, 0, 1, 0xe0]));
      if (at >= 0 && at + 14 <= 188 && material.random() < 0.2)
        packet[at + 9 + between(material.random, 0, 4)]! ^= 1 << between(material.random, 1, 7);
    }
    return Buffer.concat(packets);
  },
};

export const mpgChanges: Record<string, Change> = {
  "packs in disorder": inDisorder(Buffer.from([0, 0, 1, 0xba])),
  "packets in disorder": inDisorder(Buffer.from([0, 0, 1, 0xe0])),
};

export const oggChanges: Record<string, Change> = {
  "pages in disorder": inDisorder(Buffer.from("OggS")),
  "fields of pages": ({ bytes, random }) =>
    Buffer.concat(
      pieces(bytes, Buffer.from("OggS")).map((page) => {
        const out = Buffer.from(page);
        if (random() < 0.2) out[between(random, 4, 22)] = between(random, 0, 255);
        return out;
      }),
    ),
};

export const aviChanges: Record<string, Change> = {
  "chunks in disorder": inDisorder(Buffer.from("00dc")),
  "lies in headers": (material) => {
    const bytes = Buffer.from(material.bytes);
    const name = pick(material.random, ["avih", "strh", "strf", "idx1", "movi", "RIFF", "hdrl", "strl"]);
    const at = bytes.indexOf(name) + 4 + 4 * between(material.random, 0, 10);
    if (at >= 4 && at + 4 <= bytes.length)
      bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    return bytes;
  },
  "lies in the index": (material) => {
    const bytes = Buffer.from(material.bytes);
    const index = bytes.lastIndexOf("idx1") + 8;
    const entries = Math.floor((bytes.length - index) / 16);
    for (let times = between(material.random, 1, 30); times > 0 && entries > 0; times--) {
      const at = index + 16 * Math.floor(material.random() * entries) + 4 * between(material.random, 0, 3);
      bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    }
    return bytes;
  },
};

export const asfChanges: Record<string, Change> = {
  "lies in the file properties": (material) => {
    const bytes = Buffer.from(material.bytes);
    const at =
      bytes.indexOf(Buffer.from("a1dcab8c47a9cf118ee400c00c205365", "hex")) +
      40 +
      4 * between(material.random, 0, 14);
    bytes.writeUInt32LE(lie(material.random, bytes.readUInt32LE(at)), at);
    return bytes;
  },
  "packets in disorder": inDisorder(Buffer.from([0x82, 0, 0])),
};
