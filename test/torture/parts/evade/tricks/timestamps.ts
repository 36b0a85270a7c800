// Times that lie, jump, wrap or stand still.

import { readFileSync, writeFileSync } from "node:fs";
import { parseFlv, writeFlv } from "../../../files/flv-tags.ts";
import { boxesAt, parseBoxes, writeBoxes } from "../../../files/iso-boxes.ts";
import { pick } from "../../../files/random-choice.ts";
import type { Encoding } from "../clips.ts";
import type { Making, Trick } from "../trick.ts";
import { MPEG2, MPEG4, VP9 } from "./encodings.ts";
import { joined } from "./placement.ts";

/** `expression` gives each packet's times, from N, PTS, DTS and TB. */
const retimed = (
  kind: string,
  extension: string,
  how: Encoding,
  expression: (random: () => number) => string,
  options: string[] = [],
): Trick => ({
  kind,
  make: async (making) => {
    const file = making.path(`query.${extension}`);
    const source = await making.copy({ extension, ...how });
    await making.ffmpeg([
      "-i",
      source,
      "-c",
      "copy",
      "-bsf:v",
      `setts=${expression(making.random)}`,
      ...options,
      file,
    ]);
    return file;
  },
});

const tables = (kind: string, table: string, change: (body: Buffer, making: Making) => void): Trick => ({
  kind,
  make: async (making) => {
    const encode = "-c:v libx264 -preset veryfast -crf 30 -g 25 -bf 2 -pix_fmt yuv420p".split(" ");
    const boxes = parseBoxes(readFileSync(await making.copy({ encode })));
    for (const { body } of boxesAt(boxes, `moov/trak/mdia/minf/stbl/${table}`)) change(body, making);
    const file = making.path("query.mp4");
    writeFileSync(file, writeBoxes(boxes));
    return file;
  },
});

const flvTimes = (kind: string, timeOf: (ms: number, index: number) => number): Trick => ({
  kind,
  make: async (making) => {
    const { header, tags } = parseFlv(readFileSync(await making.copy({ extension: "flv" })));
    const file = making.path("query.flv");
    const changed = tags.map((tag, i) => ({
      ...tag,
      timestampMs: tag.type === 9 ? timeOf(tag.timestampMs, i) : tag.timestampMs,
    }));
    writeFileSync(file, writeFlv(header, changed));
    return file;
  },
});

export const timestamps: Trick[] = [
  retimed("mkv: every picture at 0", "mkv", {}, () => "pts=0:dts=0"),
  retimed(
    "mkv: a jump forward",
    "mkv",
    {},
    (random) => `ts=TS+if(gte(N\\,100)\\,${pick(random, [60, 600, 7200])}/TB)`,
  ),
  retimed("mkv: a jump back", "mkv", {}, () => "ts=if(gte(N\\,100)\\,TS-4/TB\\,TS)"),
  retimed("mkv: back and forth", "mkv", {}, () => "ts=TS+if(mod(N\\,2)\\,2/TB)"),
  retimed("mkv: before 0", "mkv", {}, () => "ts=TS-5/TB", ["-avoid_negative_ts", "disabled"]),
  retimed("mkv: all but the last within a moment", "mkv", {}, () => "ts=if(lt(N\\,195)\\,N\\,TS)"),
  retimed("webm: each second said to be a minute", "webm", { encode: VP9 }, () => "ts=TS*60"),
  retimed("ts: the clock wraps", "ts", { encode: MPEG2 }, () => "ts=TS", ["-output_ts_offset", "95438"]),
  retimed(
    "ts: a jump forward",
    "ts",
    { encode: MPEG2 },
    (random) => `ts=TS+if(gte(N\\,100)\\,${pick(random, [60, 600, 7200])}/TB)`,
  ),
  retimed("ts: the last picture a day later", "ts", {}, () => "ts=if(gte(N\\,198)\\,TS+80000/TB\\,TS)"),
  retimed(
    "mp4: the last picture stands for an hour",
    "mp4",
    {},
    () => "ts=if(gte(N\\,199)\\,TS+3600/TB\\,TS)",
  ),
  retimed("mp4: four hours between two pictures", "mp4", {}, () => "ts=if(gte(N\\,100)\\,TS+14000/TB\\,TS)"),
  tables("mp4: composition offsets of 0", "ctts", (body) => {
    for (let at = 12; at + 4 <= body.length; at += 8) body.writeUInt32BE(0, at);
  }),
  tables("mp4: composition offsets at random", "ctts", (body, { random }) => {
    for (let at = 12; at + 4 <= body.length; at += 8) body.writeUInt32BE(Math.floor(random() * 100_000), at);
  }),
  tables("mp4: pictures said to last no time", "stts", (body) => {
    for (let at = 12; at + 4 <= body.length; at += 8) body.writeUInt32BE(0, at);
  }),
  tables("mp4: pictures said to last very long", "stts", (body, { random }) => {
    for (let at = 12; at + 4 <= body.length; at += 8)
      body.writeUInt32BE(pick(random, [0x7fffffff, 0xfffffff0, 12_800_000]), at);
  }),
  tables("mp4: fewer pictures are timed than there are", "stts", (body) => {
    body.writeUInt32BE(Math.max(1, body.readUInt32BE(8) >> 3), 8);
  }),
  flvTimes("flv: every picture at 0", () => 0),
  flvTimes("flv: backwards", (ms) => 8000 - ms),
  flvTimes("flv: the clock wraps", (ms) => (ms + 2 ** 32 - 4000) % 2 ** 32),
  {
    kind: "mkv: a thousand pictures of the decoy in a moment, then the copy",
    make: async (making) => {
      const dense = making.path("dense.mkv");
      await making.ffmpeg([
        "-i",
        await making.decoy({ extension: "mkv", size: "128x72", seconds: 40 }),
        "-c",
        "copy",
        "-bsf:v",
        "setts=ts=N",
        dense,
      ]);
      return joined(making, [dense, await making.copy({ extension: "mkv", size: "128x72" })], "mkv");
    },
  },
  {
    kind: "avi: a frame rate of a thousand for the decoy's stream",
    make: async (making) => {
      const bytes = readFileSync(await making.copy({ extension: "avi", encode: MPEG4 }));
      // dwStart: the stream begins later than it says.
      bytes.writeUInt32LE(100_000, bytes.indexOf("strh") + 8 + 28);
      const file = making.path("query.avi");
      writeFileSync(file, bytes);
      return file;
    },
  },
];
