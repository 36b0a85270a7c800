// Containers that are all structure: nested, endless, or with sizes and counts that no file has.

import { type Bomb, box, madeOfBytes, madeOfClip, setAfter } from "./bomb.ts";

const SMALL = "-f lavfi -i testsrc=size=64x64:rate=25 -frames:v 50 -c:v libx264 -preset ultrafast -threads 1";
const FILE_TYPE = box("ftyp", Buffer.from("isom\0\0\0\0isom", "latin1"));
const EMPTY = Buffer.alloc(0);
const bytes = (random: () => number, length: number) =>
  Buffer.from(Array.from({ length }, () => random() * 256));

function nested(types: string[], depth: number): Buffer {
  // From the innermost outwards; each size is what lies in it.
  const headers = Array.from({ length: depth }, (_, i) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE((depth - i) * 8, 0);
    header.write(types[Math.min(i, types.length - 1)] as string, 4, "latin1");
    return header;
  });
  return Buffer.concat(headers);
}

const EBML = Buffer.from("1a45dfa3 8b 4282 88 6d6174726f736b61".replaceAll(" ", ""), "hex");
const SEGMENT = "18538067";
/** Matroska elements in one another, of unknown size. */
const masters = (ids: string[], depth: number, size = "01ffffffffffffff") =>
  Buffer.concat([
    EBML,
    Buffer.from(`${SEGMENT}${size}`, "hex"),
    ...Array.from({ length: depth }, (_, i) => Buffer.from(`${ids[i % ids.length]}${size}`, "hex")),
  ]);

const SYNC = 0x47;
/** Transport stream packets with any identifiers; with tables that never end when `tables`. */
function transport(random: () => number, packets: number, tables: boolean): Buffer {
  const stream = Buffer.alloc(packets * 188, 0xff);
  for (let i = 0; i < packets; i++) {
    const at = i * 188;
    const pid = tables ? i % 32 : Math.floor(random() * 8191);
    stream[at] = SYNC;
    stream.writeUInt16BE((i % 3 === 0 ? 0x4000 : 0) | pid, at + 1);
    stream[at + 3] = 0x10 | (i & 15);
    if (tables) bytes(random, 40).copy(stream, at + 4);
  }
  return stream;
}

function pages(random: () => number, count: number): Buffer {
  const page = (serial: number, sequence: number) => {
    const header = Buffer.alloc(27 + 255, 0xff);
    header.write("OggS\0\x02", 0, "latin1");
    header.writeUInt32LE(serial, 14);
    header.writeUInt32LE(sequence, 18);
    header[26] = 255;
    return header;
  };
  return Buffer.concat(Array.from({ length: count }, (_, i) => page(Math.floor(random() * 2 ** 32), i)));
}

const flvTag = (content: Buffer) => {
  const header = Buffer.alloc(11);
  header[0] = 18;
  header.writeUIntBE(content.length, 1, 3);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(content.length + 11);
  return Buffer.concat([header, content, end]);
};
/** AMF objects in one another. */
const amf = (depth: number) =>
  Buffer.concat([
    Buffer.from("0200 0a6f6e4d65746144617461".replaceAll(" ", ""), "hex"),
    ...Array.from({ length: depth }, () => Buffer.from("03000161", "hex")),
  ]);

const lying = (name: string, type: string, offset: number, value: number) =>
  madeOfClip("lying counts", name, SMALL, (clip) => setAfter(clip, type, offset, value));

export const CONTAINERS: readonly Bomb[] = [
  madeOfBytes("nested", "boxes-10k.mp4", () =>
    Buffer.concat([FILE_TYPE, nested(["moov", "udta", "meta"], 10_000)]),
  ),
  madeOfBytes("nested", "moov-in-moov.mp4", () => Buffer.concat([FILE_TYPE, nested(["moov"], 200_000)])),
  madeOfBytes("nested", "traks.mp4", () =>
    Buffer.concat([
      FILE_TYPE,
      box("moov", Buffer.concat(Array.from({ length: 50_000 }, () => box("trak", EMPTY)))),
    ]),
  ),
  madeOfBytes("nested", "clusters.mkv", () => masters(["1f43b675", "a0", "ae"], 100_000)),
  madeOfBytes("nested", "tags.mkv", () => masters(["1254c367", "7373", "67c8"], 100_000)),
  madeOfBytes("nested", "amf.flv", () =>
    Buffer.concat([Buffer.from("464c5601010000000900000000", "hex"), flvTag(amf(500_000))]),
  ),
  madeOfBytes("endless", "huge-box.mp4", (random) =>
    Buffer.concat([FILE_TYPE, box("moov", bytes(random, 2000), 2n ** 62n)]),
  ),
  madeOfBytes("endless", "huge-element.mkv", (random) =>
    Buffer.concat([masters(["1549a966", "4d80"], 2, "01fffffffffffffe"), bytes(random, 2000)]),
  ),
  madeOfBytes("endless", "packets-of-nobody.ts", (random) => transport(random, 60_000, false)),
  madeOfBytes("endless", "tables.ts", (random) => transport(random, 20_000, true)),
  madeOfBytes("endless", "streams.ogv", (random) => pages(random, 20_000)),
  lying("samples-most.mp4", "stsz", 12, 0x7ffffff0),
  lying("chunks-most.mp4", "stco", 8, 0x3ffffff0),
  lying("times-most.mp4", "stts", 8, 0x1ffffff0),
  lying("run-most.mp4", "stts", 12, 0x7ffffff0),
  lying("sample-size-most.mp4", "stsz", 8, 0x7ffffff0),
  lying("descriptions-most.mp4", "stsd", 8, 0x0ffffff0),
  lying("edits-most.mp4", "elst", 8, 0x0ffffff0),
];
