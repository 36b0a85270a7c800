// A copy of which part is destroyed; what is left is shown by players.

import { readFileSync, writeFileSync } from "node:fs";
import { boxesAt, parseBoxes, writeBoxes } from "../../../files/iso-boxes.ts";
import { between, noise, pick } from "../../../files/random-choice.ts";
import type { Encoding } from "../clips.ts";
import type { Making, Trick } from "../trick.ts";
import { HEVC, MPEG2, MPEG4, VP9 } from "./encodings.ts";

const SHARES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
const BLOCK = 512;

/** Where the coded pictures lie: all but the first part, which players need to know what they have. */
function spanOf(bytes: Buffer, extension: string): [number, number] {
  const mdat = bytes.indexOf("mdat");
  if (extension === "mp4" && mdat > 0) return [mdat + 4, mdat - 4 + bytes.readUInt32BE(mdat - 4)];
  return [Math.min(8192, Math.floor(bytes.length / 10)), Math.floor(bytes.length * 0.99)];
}

function fill(random: () => number, bytes: Buffer, from: number, to: number): void {
  const how = pick(random, ["zeros", "noise", "ones"] as const);
  if (how === "noise") noise(random, to - from).copy(bytes, from);
  else bytes.fill(how === "zeros" ? 0 : 0xff, from, to);
}

const damaged = (
  kind: string,
  how: Encoding,
  where: "beginning" | "end" | "middle" | "scattered",
): Trick => ({
  kind,
  make: async ({ random, copy, path }) => {
    const extension = how.extension ?? "mp4";
    const bytes = readFileSync(await copy(how));
    const [from, to] = spanOf(bytes, extension);
    const length = to - from;
    const share = pick(random, SHARES);
    const size = Math.floor(length * share);
    if (where === "beginning") fill(random, bytes, from, from + size);
    if (where === "end") fill(random, bytes, to - size, to);
    if (where === "middle") {
      const at = from + between(random, 0, length - size);
      fill(random, bytes, at, at + size);
    }
    for (let at = from; where === "scattered" && at < to; at += BLOCK)
      if (random() < share) fill(random, bytes, at, Math.min(to, at + BLOCK));
    const file = path(`query.${extension}`);
    writeFileSync(file, bytes);
    return file;
  },
});

const sampleTables = (kind: string, path: string, change: (body: Buffer, making: Making) => void): Trick => ({
  kind,
  make: async (making) => {
    const boxes = parseBoxes(readFileSync(await making.copy()));
    for (const { body } of boxesAt(boxes, `moov/trak/mdia/minf/stbl/${path}`)) change(body, making);
    const file = making.path("query.mp4");
    writeFileSync(file, writeBoxes(boxes));
    return file;
  },
});

export const damage: Trick[] = [
  damaged("mp4 h264 damaged at the beginning", {}, "beginning"),
  damaged("mp4 h264 damaged at the end", {}, "end"),
  damaged("mp4 h264 damaged in the middle", {}, "middle"),
  damaged("mp4 h264 damaged all over", {}, "scattered"),
  damaged("mp4 hevc damaged in the middle", { encode: HEVC }, "middle"),
  damaged("ts mpeg2 damaged all over", { extension: "ts", encode: MPEG2 }, "scattered"),
  damaged("ts h264 damaged in the middle", { extension: "ts" }, "middle"),
  damaged("avi mpeg4 damaged at the beginning", { extension: "avi", encode: MPEG4 }, "beginning"),
  damaged("webm vp9 damaged in the middle", { extension: "webm", encode: VP9 }, "middle"),
  damaged("mkv h264 damaged all over", { extension: "mkv" }, "scattered"),
  damaged("flv h264 damaged at the end", { extension: "flv" }, "end"),
  sampleTables("mp4: every second sample has no bytes", "stsz", (body) => {
    for (let at = 12 + 4; at + 4 <= body.length; at += 8) body.writeUInt32BE(0, at);
  }),
  sampleTables("mp4: sample sizes cut in half", "stsz", (body, { random }) => {
    for (let at = 12; at + 4 <= body.length; at += 4)
      if (random() < 0.5) body.writeUInt32BE(body.readUInt32BE(at) >> 1, at);
  }),
];
