// Pictures put between those of the copy, where a sampler looks; and keyframes that are missing or said to be none.

import { readFileSync, writeFileSync } from "node:fs";
import { elementsAt, ID, parseElements, withoutPositions, writeElements } from "../../../files/ebml.ts";
import { boxesAt, parseBoxes, writeBoxes } from "../../../files/iso-boxes.ts";
import type { Making, Trick } from "../trick.ts";
import { MPEG2, ONE_KEYFRAME } from "./encodings.ts";

const RATE = 30;

/** The decoy where `expression` of n (the picture's number, 30 a second) holds, else the copy. */
const interleaved = (
  kind: string,
  expression: string,
  encode: string[],
  hidden: "black" | "decoy" | "white",
): Trick => ({
  kind,
  make: async (making) => {
    const [copy, decoy] = [await making.copy({ rate: RATE }), await making.decoy({ rate: RATE })];
    const file = making.path("query.mp4");
    const over = hidden === "decoy" ? "[1:v]null[d]" : `[1:v]drawbox=color=${hidden}:t=fill[d]`;
    const graph = `${over};[0:v][d]overlay=enable='${expression}',format=yuv420p`;
    await making.ffmpeg([
      "-i",
      copy,
      "-i",
      decoy,
      "-filter_complex",
      graph,
      ...encode,
      "-threads",
      "2",
      file,
    ]);
    return file;
  },
});

const X264 = "-c:v libx264 -preset veryfast -crf 26 -sc_threshold 0 -pix_fmt yuv420p".split(" ");
const PLAIN = [...X264, "-g", "30", "-bf", "0"];
const disposable = (run: number) => [
  ...[...X264, "-g", "9999", "-bf", String(run - 1)],
  ...["-x264-params", `b-adapt=0:b-pyramid=none:keyint=9999:min-keyint=9999`],
];

async function rewritten(making: Making, from: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const file = making.path(`query.${from.split(".").at(-1)}`);
  writeFileSync(file, change(readFileSync(from)));
  return file;
}

const withoutFirst = (kind: string, extension: string, encode: string[], pictures: number): Trick => ({
  kind,
  make: async (making) => {
    const file = making.path(`query.${extension}`);
    const source = await making.copy({ extension, encode });
    await making.ffmpeg([
      "-i",
      source,
      "-c",
      "copy",
      "-bsf:v",
      `noise=drop='lt(n\\,${pictures})'`,
      "-copyinkf",
      file,
    ]);
    return file;
  },
});

export const frames: Trick[] = [
  interleaved("every second picture black", "mod(n,2)", PLAIN, "black"),
  interleaved("every second picture the decoy's", "mod(n+1,2)", PLAIN, "decoy"),
  interleaved("two of three pictures the decoy's", "gt(mod(n,3),0)", PLAIN, "decoy"),
  interleaved("a white picture now and then", "eq(mod(n,8),0)", PLAIN, "white"),
  // The middle of every half second is picture 7.5 of 15.
  interleaved("black where two a second are looked at", "between(mod(n,15),6,9)", PLAIN, "black"),
  interleaved("the decoy where two a second are looked at", "between(mod(n,15),6,9)", PLAIN, "decoy"),
  interleaved("the decoy where three a second are looked at", "between(mod(n,10),4,6)", PLAIN, "decoy"),
  interleaved(
    "all but what is not built upon is the decoy's, 17",
    "eq(mod(n,17),0)",
    disposable(17),
    "decoy",
  ),
  interleaved("all but what is not built upon is the decoy's, 9", "eq(mod(n,9),0)", disposable(9), "decoy"),
  interleaved("all but what is not built upon is black", "eq(mod(n,17),0)", disposable(17), "black"),
  withoutFirst("ts: the first keyframe is missing", "ts", [...X264, "-g", "50", "-bf", "0"], 1),
  withoutFirst("ts mpeg2: the first half second is missing", "ts", MPEG2, 12),
  withoutFirst(
    "mkv: no keyframe, but pictures that mend themselves",
    "mkv",
    [...X264, "-g", "50", "-bf", "0", "-x264-params", "intra-refresh=1"],
    1,
  ),
  {
    kind: "one keyframe in all",
    make: ({ copy }) => copy({ encode: ONE_KEYFRAME }),
  },
  {
    kind: "mkv: no picture said to be a keyframe",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        for (const { body } of elementsAt(file, ID.segment, ID.cluster, ID.simpleBlock)) body[3]! &= 0x7f;
        return writeElements(file);
      }),
  },
  {
    kind: "mkv: every picture said to be disposable",
    make: async (making) =>
      rewritten(making, await making.copy({ extension: "mkv" }), (bytes) => {
        const file = withoutPositions(parseElements(bytes));
        for (const { body } of elementsAt(file, ID.segment, ID.cluster, ID.simpleBlock)) body[3]! |= 0x09;
        return writeElements(file);
      }),
  },
  {
    kind: "mp4: the last picture said to be the only keyframe",
    make: async (making) =>
      rewritten(making, await making.copy(), (bytes) => {
        const boxes = parseBoxes(bytes);
        for (const { body } of boxesAt(boxes, "moov/trak/mdia/minf/stbl/stss"))
          for (let at = 8; at < body.length; at += 4) body.writeUInt32BE(200, at);
        return writeBoxes(boxes);
      }),
  },
];
