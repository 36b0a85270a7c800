// Lies that only who knows the format can tell: boxes of MP4 and MOV.

import { type Box, boxesAt, parseBoxes, setEdits, writeBoxes } from "../../../files/iso-boxes.ts";
import { between, pick } from "../../../files/random-choice.ts";
import type { Change } from "./bytes.ts";
import { disordered, lie } from "./lies.ts";

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
