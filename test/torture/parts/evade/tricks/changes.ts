// Files that change in the middle, or are several in a row.

import { readFileSync, writeFileSync } from "node:fs";
import { parseFlv, writeFlv } from "../../../files/flv-tags.ts";
import { box, boxesAt, parseBoxes, words, writeBoxes } from "../../../files/iso-boxes.ts";
import { noise, pick } from "../../../files/random-choice.ts";
import type { Encoding } from "../clips.ts";
import type { Making, Trick } from "../trick.ts";
import { HEVC, MPEG2, MPEG4, THEORA, VP8, VP9 } from "./encodings.ts";
import { joined } from "./placement.ts";

async function bytesInARow(making: Making, extension: string, parts: (Buffer | string)[]): Promise<string> {
  const file = making.path(`query.${extension}`);
  writeFileSync(
    file,
    Buffer.concat(parts.map((part) => (typeof part === "string" ? readFileSync(part) : part))),
  );
  return file;
}

/** The decoy, then the copy, each a whole file of this kind. */
const inARow = (kind: string, extension: string, decoy: Encoding, copy: Encoding = decoy): Trick => ({
  kind,
  make: async (making) =>
    bytesInARow(making, extension, [
      await making.decoy({ ...decoy, extension, seconds: 4 }),
      await making.copy({ ...copy, extension }),
    ]),
});

/** Annex B streams in a row, so that parameter sets stay with the pictures. */
const inOneStream = (
  kind: string,
  extension: string,
  parts: (making: Making) => Promise<string[]>,
): Trick => ({
  kind,
  make: async (making) => {
    const raw = await bytesInARow(making, "h264", await parts(making));
    const file = making.path(`stream.${extension}`);
    await making.ffmpeg(["-f", "h264", "-r", "25", "-i", raw, "-c", "copy", file]);
    return file;
  },
});

const FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];

const fragments = (
  kind: string,
  change: (boxes: ReturnType<typeof parseBoxes>, making: Making) => void,
): Trick => ({
  kind,
  make: async (making) => {
    const boxes = parseBoxes(readFileSync(await making.copy({ muxing: FRAGMENTS })));
    change(boxes, making);
    return bytesInARow(making, "mp4", [writeBoxes(boxes)]);
  },
});

export const changes: Trick[] = [
  inOneStream("mp4: larger in the middle", "mp4", async ({ decoy, copy }) => [
    await decoy({ extension: "h264", size: "128x72" }),
    await copy({ extension: "h264", size: "320x180" }),
  ]),
  inOneStream("mkv: smaller in the middle", "mkv", async ({ decoy, copy }) => [
    await decoy({ extension: "h264", size: "320x180" }),
    await copy({ extension: "h264", size: "128x72" }),
  ]),
  inOneStream("ts: another size every two seconds", "ts", async ({ decoy, copy }) => [
    await decoy({ extension: "h264", size: "160x90", seconds: 2 }),
    await copy({ extension: "h264", size: "256x144", seconds: 4 }),
    await decoy({ extension: "h264", size: "192x108", seconds: 2 }),
    await copy({ extension: "h264", size: "320x180" }),
  ]),
  inOneStream("mp4: other colour planes in the middle", "mp4", async ({ decoy, copy }) => [
    await decoy({ extension: "h264" }),
    await copy({
      extension: "h264",
      encode: "-c:v libx264 -preset ultrafast -crf 28 -g 25 -pix_fmt yuv444p".split(" "),
    }),
  ]),
  inARow("ts: another codec in the middle", "ts", { encode: MPEG2 }, {}),
  inARow("ts: mpeg2 after hevc", "ts", { encode: HEVC }, { encode: MPEG2 }),
  inARow("ts in a row, each from 0", "ts", { encode: MPEG2 }),
  inARow("ts h264 in a row, of two sizes", "ts", { size: "128x72" }, {}),
  inARow("mpg in a row", "mpg", { encode: MPEG2 }),
  {
    kind: "flv: the tags of two files",
    make: async (making) => {
      const hiding = parseFlv(readFileSync(await making.decoy({ extension: "flv", seconds: 4 })));
      const { tags } = parseFlv(readFileSync(await making.copy({ extension: "flv" })));
      return bytesInARow(making, "flv", [writeFlv(hiding.header, [...hiding.tags, ...tags])]);
    },
  },
  inARow("mkv in a row", "mkv", {}),
  inARow("webm in a row", "webm", { encode: VP8 }),
  inARow("webm vp9 in a row", "webm", { encode: VP9 }),
  inARow("ogg in a row", "ogv", { encode: THEORA }),
  {
    kind: "ts: packets of nothing, and noise between",
    make: async (making) => {
      const copy = readFileSync(await making.copy({ extension: "ts", encode: MPEG2 }));
      const nothing = Buffer.alloc(188 * 500, 0xff);
      for (let at = 0; at < nothing.length; at += 188) nothing.set([0x47, 0x1f, 0xff, 0x10], at);
      return bytesInARow(making, "ts", [
        nothing,
        copy.subarray(0, 188 * 100),
        noise(making.random, 1000),
        copy.subarray(188 * 100),
      ]);
    },
  },
  {
    kind: "mp4: after much that is skipped",
    make: async (making) => {
      const [type] = parseBoxes(readFileSync(await making.copy()));
      const rest = parseBoxes(readFileSync(await making.copy())).slice(1);
      // Offsets of samples are mended by as much as was put before them.
      const skipped = box(
        pick(making.random, ["free", "skip", "wide", "uuid", "junk"]),
        noise(making.random, 100_000),
      );
      for (const { body } of boxesAt(rest, "moov/trak/mdia/minf/stbl/stco"))
        for (let at = 8; at < body.length; at += 4) body.writeUInt32BE(body.readUInt32BE(at) + 100_008, at);
      return bytesInARow(making, "mp4", [writeBoxes([type!, skipped, ...rest])]);
    },
  },
  fragments("fragments that all say they begin at 0", (boxes) => {
    for (const { body } of boxesAt(boxes, "moof/traf/tfdt")) body.fill(0, 4);
  }),
  fragments("fragments that say they go backwards", (boxes) => {
    const times = boxesAt(boxes, "moof/traf/tfdt").map(({ body }) => body);
    const said = times.map((body) => Buffer.from(body)).reverse();
    for (const [i, body] of times.entries()) said[i]!.copy(body);
  }),
  fragments("fragments an hour apart", (boxes, { random }) => {
    const far = pick(random, [3600, 600, 100_000]) * 12_800;
    for (const [i, { body }] of boxesAt(boxes, "moof/traf/tfdt").entries())
      body.writeBigUInt64BE(BigInt(i * far), 4);
  }),
  fragments("fragments whose pictures say they last no time", (boxes) => {
    for (const { body } of boxesAt(boxes, "moov/mvex/trex")) body.writeUInt32BE(0, 12);
    for (const { body } of boxesAt(boxes, "moof/traf/tfhd"))
      if (body.length >= 12 && body[3]! & 8) body.writeUInt32BE(0, body[3]! & 1 ? 16 : 8);
  }),
  fragments("fragments behind an index that ends early", (boxes) => {
    const entry = words(1000, 0x90000000, 0);
    const index = box("sidx", Buffer.concat([words(0, 1, 12_800, 0, 0, 1), entry.subarray(0, 12)]));
    boxes.splice(2, 0, index);
  }),
  {
    kind: "fragments of the decoy, then of the copy",
    make: async (making) => {
      const hiding = parseBoxes(readFileSync(await making.decoy({ muxing: FRAGMENTS, seconds: 4 })));
      const shown = parseBoxes(readFileSync(await making.copy({ muxing: FRAGMENTS })));
      const fragments = shown.filter(({ type }) => type === "moof" || type === "mdat");
      for (const { body } of boxesAt(fragments, "moof/traf/tfdt"))
        body.writeBigUInt64BE(body.readBigUInt64BE(4) + BigInt(4 * 12_800), 4);
      return bytesInARow(making, "mp4", [
        writeBoxes([...hiding.filter(({ type }) => type !== "mfra"), ...fragments]),
      ]);
    },
  },
  {
    kind: "avi: two codecs' pictures in a row",
    make: async (making) =>
      joined(
        making,
        [
          await making.decoy({ extension: "avi", encode: MPEG4, seconds: 4 }),
          await making.copy({ extension: "avi", encode: MPEG4 }),
        ],
        "avi",
      ),
  },
];
